import { settleWebhook, testEvent, withoutRetries } from '@sureping/engine';
import type { z } from 'zod/v4';
import type { Endpoint } from '../store/contract/endpoints.ts';
import { postEvents } from '../workers/post-events.ts';
import type { Api } from './api.ts';
import type { endpointTestSchema } from './schemas.ts';

/** Posts an event that never happened, signed as a real one, and waits for the answer. Nothing of it is stored. */
export async function testEndpoint(
	endpoint: Endpoint,
	{ clock, newId, http }: Api,
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
