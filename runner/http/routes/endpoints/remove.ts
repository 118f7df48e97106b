import { z } from 'zod/v4';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { findChangeable } from './find.ts';
import { MAY_CHANGE, paramsSchema, TAGS } from './route-options.ts';

/** `DELETE /endpoints/{id}`. */
export function removeRoute(app: App, api: ApiWith<'endpoints'>): void {
	app.delete(
		'/endpoints/:id',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Remove an endpoint',
				description:
					'Its pending webhooks are cancelled. To keep them, disable the endpoint instead.',
				tags: TAGS,
				params: paramsSchema,
				response: { 204: z.undefined() },
			},
		},
		async ({ params }, reply) => {
			const { id } = await findChangeable(params.id, api);
			await api.store.endpoints.remove(id);
			return await reply.code(204).send();
		},
	);
}
