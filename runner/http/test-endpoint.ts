import {
	type DeliveryEvent,
	isoTime,
	type ProfileId,
	settleWebhook,
	withoutRetries,
} from '@sureping/engine';
import type { z } from 'zod/v4';
import type { Endpoint } from '../store/contract/endpoints.ts';
import { postEvents } from '../workers/post-events.ts';
import type { Api } from './api.ts';
import type { endpointTestSchema } from './response-schemas.ts';

/** Posts an event that never happened, signed as a real one, and waits for the answer. Nothing of it is stored. */
export async function testEndpoint(
	endpoint: Endpoint,
	{ clock, newId, http }: Api,
): Promise<z.infer<typeof endpointTestSchema>> {
	const at = clock.now();
	const reply = await postEvents([testEvent(endpoint.profile, newId, at)], endpoint, http, at);
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

/** Channels that a format has words for, where `test` is not one. */
const CHANNELS: Partial<Readonly<Record<ProfileId, string>>> = {
	onepush: 'email',
	notificationapi: 'email',
	pingram: 'email',
	otpiq: 'sms',
};

function testEvent(profile: ProfileId, newId: Api['newId'], now: number): DeliveryEvent {
	const time = isoTime(now);
	const facts = {
		notification_id: newId('msg'),
		delivery_id: newId('dlv'),
		event_id: newId('evt'),
		sequence: 1,
		channel: CHANNELS[profile] ?? 'test',
		recipient: 'test',
		metadata: { test: true },
		timestamp: time,
	};
	if (profile === 'notificationapi') {
		return { event: 'notification.opened', status: 'opened', ...facts };
	}
	return {
		event: 'notification.delivered',
		status: 'delivered',
		...facts,
		delivered_at: time,
		latency_ms: 0,
		attempt: 1,
		confirmation: 'service',
	};
}
