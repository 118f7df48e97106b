import { z } from 'zod/v4';
import type { App } from '../app.ts';

const GREETING = {
	name: 'Sureping',
	about: 'Sends notifications durably, with retry and fallback, and reports every step.',
	docs: '/docs',
	openapi: '/openapi.json',
	health: '/healthz',
} as const;

/** `GET /`: says what this is, and where to read on. */
export function greetingRoute(app: App): void {
	app.get(
		'/',
		{
			schema: {
				hide: true,
				response: {
					200: z.object({
						name: z.string(),
						about: z.string(),
						docs: z.string(),
						openapi: z.string(),
						health: z.string(),
					}),
				},
			},
		},
		async () => GREETING,
	);
}
