import { PROFILES, withoutRetries } from '@sureping/engine';
import { z } from 'zod/v4';
import { toEndpoint } from '../../../config/endpoints.ts';
import { endpointFields } from '../../../config/settings/index.ts';
import type { Endpoint } from '../../../store/contract/endpoints.ts';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { Problem } from '../../problem.ts';
import { newEndpointSchema } from '../../response-schemas.ts';
import { toAnswer } from './answer.ts';
import { newSecret } from './new-secret.ts';
import { refuseSettings, refuseUrl } from './refuse-settings.ts';
import { MAY_CHANGE, TAGS } from './route-options.ts';
import { urlTaken } from './store-change.ts';

const createSchema = z.strictObject({
	...endpointFields,
	ephemeral: z
		.boolean()
		.default(false)
		.describe('Removes the endpoint after ten minutes and retries nothing, as for a test event.'),
});
const EPHEMERAL_MS = 10 * 60_000;

/** `POST /endpoints`. */
export function createRoute(app: App, api: ApiWith<'endpoints'>): void {
	app.post(
		'/endpoints',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Subscribe a URL to delivery events',
				tags: TAGS,
				body: createSchema,
				response: { 201: newEndpointSchema },
			},
		},
		async (request, reply) => {
			const { ephemeral, ...settings } = request.body;
			refuseSettings(settings.profile, settings);
			await refuseUrl(settings.url, request.apiKey, api);
			const now = api.clock.now();
			await refuseMore(now, api);
			const lasting = toEndpoint(settings, api.webhookPolicy);
			const endpoint: Endpoint = {
				...lasting,
				id: api.newId('ep'),
				...(PROFILES[settings.profile].secret === 'none' ? {} : { secret: newSecret() }),
				source: 'api',
				createdAt: now,
				...(ephemeral
					? { policy: withoutRetries(lasting.policy), expiresAt: now + EPHEMERAL_MS }
					: {}),
			};
			if (!(await api.store.endpoints.add(endpoint))) throw await urlTaken(settings.url, api);
			return await reply.code(201).send({
				...toAnswer(endpoint, api, request.apiKey),
				url: endpoint.url,
				...(endpoint.secret === undefined ? {} : { secret: endpoint.secret }),
			});
		},
	);
}

/** Throws a 409 at the limit. Every endpoint costs a row for each event, even while it is disabled. */
async function refuseMore(
	now: number,
	{ store, maxEndpoints }: ApiWith<'endpoints'>,
): Promise<void> {
	const lasting = (await store.endpoints.all()).filter(
		({ source, expiresAt = Infinity }) => source === 'api' && expiresAt > now,
	);
	if (lasting.length < maxEndpoints) return;
	const detail = `There are already ${maxEndpoints} endpoints, which is the limit; remove unused ones, or raise backpressure.max_endpoints`;
	throw new Problem(409, detail, [], { reason: 'endpoints' });
}
