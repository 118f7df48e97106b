import {
	type DeliveryEvent,
	isoTime,
	PROFILES,
	settleWebhook,
	signingKey,
	withoutRetries,
} from '@sureping/engine';
import type { z } from 'zod/v4';
import type { Endpoint } from '../store/store.ts';
import type { Api } from './api.ts';
import type { endpointTestSchema } from './schemas.ts';

/** Posts an event that never happened, signed as a real one, and waits for the answer. Nothing of it is stored. */
export async function testEndpoint(
	endpoint: Endpoint,
	{ clock, newId, http }: Api,
): Promise<z.infer<typeof endpointTestSchema>> {
	const at = clock.now();
	const { headers, body } = PROFILES[endpoint.profile].encode(
		testEvent(newId, at),
		signingKey(endpoint.secret),
		at,
		endpoint.signatureInput,
	);
	const send = endpoint.source === 'config' ? http.trusted : http.guarded;
	const { timeoutMs } = endpoint.policy;
	const reply = await send({ method: 'POST', url: endpoint.url, headers, body, timeoutMs });
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

function testEvent(newId: Api['newId'], now: number): DeliveryEvent {
	const time = isoTime(now);
	return {
		event: 'notification.delivered',
		status: 'delivered',
		notification_id: newId('msg'),
		delivery_id: newId('dlv'),
		event_id: newId('evt'),
		sequence: 1,
		channel: 'test',
		recipient: 'test',
		metadata: { test: true },
		timestamp: time,
		delivered_at: time,
		latency_ms: 0,
		attempt: 1,
		confirmation: 'service',
	};
}
