import { z } from 'zod/v4';
import { SCOPES } from '../../config/settings/index.ts';
import { VERSION } from '../../version.ts';
import type { App } from '../app.ts';
import { FEATURES } from '../features.ts';

const versionSchema = z.object({ version: z.string(), features: z.array(z.string()) });

/** `GET /version`: the version, and the features that a caller may rely on. */
export function versionRoute(app: App): void {
	app.get(
		'/version',
		{
			config: { scopes: SCOPES },
			schema: {
				summary: 'Get the version and its features',
				description:
					'Any key may call it. Check that features lists a feature before you rely on it.',
				tags: ['Operation'],
				response: { 200: versionSchema },
			},
		},
		async () => ({ version: VERSION, features: [...FEATURES] }),
	);
}
