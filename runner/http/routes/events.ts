import { eventTypeSchema } from '@sureping/engine';
import { z } from 'zod/v4';
import type { Api, App } from '../api.ts';
import { pageFields } from '../paging.ts';
import { invalid } from '../problem.ts';
import { eventPageSchema } from '../schemas.ts';

const querySchema = z.strictObject({
	...pageFields,
	/** A comma-separated list. */
	types: z
		.string()
		.transform((text) => text.split(',').filter((type) => type !== ''))
		.pipe(z.array(eventTypeSchema).min(1))
		.optional(),
});

/** `GET /events`: every delivery event in commit order, for whoever would rather ask than be told. */
export function eventRoutes(app: App, api: Api): void {
	app.get(
		'/events',
		{
			config: { scopes: ['read'] },
			schema: {
				summary: 'Read the event feed',
				description:
					'Every delivery event in the order in which it was stored, none skipped. Go on with next_cursor, which comes back also when there is nothing new.',
				tags: ['Events'],
				querystring: querySchema,
				response: { 200: eventPageSchema },
			},
		},
		async ({ query: { after, limit, types } }) => {
			const page = await api.store.events(after, limit, types);
			if (!page) {
				throw invalid([{ path: 'after', message: 'must be a next_cursor that this feed gave' }]);
			}
			return { events: [...page.events], next_cursor: page.nextCursor };
		},
	);
}
