import { z } from 'zod/v4';
import { SCOPES } from '../../config/settings/index.ts';
import { VERSION } from '../../version.ts';
import type { App } from '../app.ts';
import { FEATURES } from '../features.ts';

const versionSchema = z.object({ version: z.string(), features: z.array(z.string()) });

/** `GET /version`: the version and the features of this runner. */
export function versionRoute(app: App): void {
	app.get(
		'/version',
		{
			config: { scopes: SCOPES },
			schema: {
				summary: 'Get the version and what it can do',
				description: 'For any key. A caller looks for a word in features before it relies on it.',
				tags: ['Operation'],
				response: { 200: versionSchema },
			},
		},
		async () => ({ version: VERSION, features: [...FEATURES] }),
	);
}
