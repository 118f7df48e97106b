import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { endpointSchema } from '../../response-schemas.ts';
import { toAnswer } from './answer.ts';
import { findEndpoint } from './find.ts';
import { MAY_CHANGE, paramsSchema, TAGS } from './route-options.ts';
import { withCleanRecord } from './store-change.ts';

/** `POST /endpoints/{id}/enable` and `POST /endpoints/{id}/disable`. */
export function statusRoutes(app: App, api: ApiWith<'endpoints' | 'webhooks'>): void {
	for (const [verb, status, summary] of [
		[
			'enable',
			'enabled',
			'Enable an endpoint: held webhooks are sent now, oldest first, and its pauses end',
		],
		['disable', 'disabled', 'Disable an endpoint: its events are held until it is enabled'],
	] as const) {
		app.post(
			`/endpoints/:id/${verb}`,
			{
				...MAY_CHANGE,
				schema: { summary, tags: TAGS, params: paramsSchema, response: { 200: endpointSchema } },
			},
			async ({ params, apiKey }) => {
				const { id, status: before } = await findEndpoint(params.id, api);
				if (status === 'enabled' && before === status) {
					await forgetHealth(id, api);
					await api.store.webhooks.hasten(id);
				}
				await api.store.endpoints.setStatus(id, status);
				api.wake();
				return toAnswer(await findEndpoint(id, api), api, apiKey);
			},
		);
	}
}

/** Forgets the failures of an enabled endpoint, and a pause that it asked for. */
async function forgetHealth(id: string, api: ApiWith<'endpoints' | 'webhooks'>): Promise<void> {
	await api.store.endpoints.change(id, (now) => ({ ...now, ...withCleanRecord(now, api) }));
}
