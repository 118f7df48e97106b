import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { endpointListSchema, endpointSchema } from '../../response-schemas.ts';
import { toAnswer } from './answer.ts';
import { findEndpoint } from './find.ts';
import { MAY_READ, paramsSchema, TAGS } from './route-options.ts';

/** `GET /endpoints` and `GET /endpoints/{id}`. */
export function listRoutes(app: App, api: ApiWith<'endpoints'>): void {
	app.get(
		'/endpoints',
		{
			...MAY_READ,
			schema: { summary: 'List endpoints', tags: TAGS, response: { 200: endpointListSchema } },
		},
		async ({ apiKey }) => ({
			endpoints: (await api.store.endpoints.all()).map((endpoint) =>
				toAnswer(endpoint, api, apiKey),
			),
		}),
	);

	app.get(
		'/endpoints/:id',
		{
			...MAY_READ,
			schema: {
				summary: 'Get an endpoint',
				tags: TAGS,
				params: paramsSchema,
				response: { 200: endpointSchema },
			},
		},
		async ({ params, apiKey }) => toAnswer(await findEndpoint(params.id, api), api, apiKey),
	);
}
