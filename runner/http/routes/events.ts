import { eventTypeSchema } from '@sureping/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod/v4';
import type { Api } from '../api.ts';
import { check, invalid } from '../problem.ts';

const querySchema = z.strictObject({
	after: z.string().optional(),
	limit: z
		.string()
		.regex(/^\d{1,4}$/, 'must be a number from 1 to 1000')
		.transform(Number)
		.refine((limit) => limit >= 1 && limit <= 1000, 'must be a number from 1 to 1000')
		.default(100),
	/** A comma-separated list. */
	types: z
		.string()
		.transform((text) => text.split(',').filter((type) => type !== ''))
		.pipe(z.array(eventTypeSchema).min(1))
		.optional(),
});

/** `GET /events`: every delivery event in commit order, for whoever would rather ask than be told. */
export function eventRoutes(app: FastifyInstance, api: Api): void {
	app.get('/events', async (request) => {
		api.authenticate(request, 'read');
		const { after, limit, types } = check(querySchema, request.query);
		const page = await api.store.events(after, limit, types);
		if (!page) {
			throw invalid([{ path: 'after', message: 'must be a next_cursor that this feed gave' }]);
		}
		return { events: page.events, next_cursor: page.nextCursor };
	});
}
