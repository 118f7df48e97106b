import { settleWebhook, testEvent, withoutRetries } from '@sureping/engine';
import type { z } from 'zod/v4';
import type { Endpoint } from '../../../store/contract/endpoints.ts';
import { postEvents } from '../../../workers/post-events.ts';
import type { Api, ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { endpointTestSchema } from '../../response-schemas.ts';
import { findEndpoint } from './find.ts';
import { MAY_CHANGE, paramsSchema, TAGS } from './route-options.ts';

/** `POST /endpoints/{id}/test`. */
export function testRoute(app: App, api: ApiWith<'endpoints'>): void {
	app.post(
		'/endpoints/:id/test',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Send a test event now and return the result',
				tags: TAGS,
				params: paramsSchema,
				response: { 200: endpointTestSchema },
			},
		},
		async ({ params }) => await testEndpoint(await findEndpoint(params.id, api), api),
	);
}

/** Posts a made-up event, signed as a real one, and waits for the answer. Stores nothing. */
async function testEndpoint(
	endpoint: Endpoint,
	{ clock, newId, http }: Pick<Api, 'clock' | 'newId' | 'http'>,
): Promise<z.infer<typeof endpointTestSchema>> {
	const at = clock.now();
	const event = testEvent(endpoint.profile, endpoint, newId, at);
	const reply = event && (await postEvents([event], endpoint, http, at));
	if (!reply) throw new Error(`${endpoint.profile} has no word for its test event`);
	const latencyMs = Math.max(0, clock.now() - at);
	const rules = { policy: withoutRetries(endpoint.policy), ack: endpoint.ack };
	const delivery = { id: 'test', state: 'pending' as const, attempts: [] };
	const settled = settleWebhook(delivery, reply, { at, latencyMs }, rules, Math.random);
	const [attempt] = settled.attempts;
	return {
		ok: settled.state === 'delivered',
		latency_ms: latencyMs,
		...(attempt?.status === undefined ? {} : { status: attempt.status }),
		...(attempt?.error ? { error: attempt.error } : {}),
	};
}
