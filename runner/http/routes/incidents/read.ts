import { z } from 'zod/v4';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { TAGS } from './route-options.ts';
import { incidentListQuerySchema, incidentListSchema, incidentSchema } from './schemas.ts';
import { noIncident } from './problems.ts';
import { toBrief, toWire } from './shown.ts';

/** `GET /incidents` and `GET /incidents/{id}`. */
export function readRoutes(app: App, { store }: ApiWith<'incidents'>): void {
	app.get(
		'/incidents',
		{
			config: { scopes: ['read'] },
			schema: {
				summary: 'List incidents, newest first',
				tags: TAGS,
				querystring: incidentListQuerySchema,
				response: { 200: incidentListSchema },
			},
		},
		async ({ query: { status, dedup_key: dedupKey, after, limit } }) => {
			const { items, nextCursor } = await store.incidents.list(
				{ status, dedupKey },
				{ after, limit },
			);
			return { incidents: items.map(toBrief), next_cursor: nextCursor };
		},
	);

	app.get(
		'/incidents/:id',
		{
			config: { scopes: ['read'], isLarge: true },
			schema: {
				summary: 'Get an incident with its pages, answers and audit trail',
				tags: TAGS,
				params: z.object({ id: z.string() }),
				response: { 200: incidentSchema },
			},
		},
		async ({ params: { id } }) => {
			const incident = await store.incidents.get(id);
			if (!incident) throw noIncident();
			return toWire(incident);
		},
	);
}
