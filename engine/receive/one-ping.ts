import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import type { ProviderId } from '../providers.ts';
import { isoTime } from '../time.ts';
import { parseJson, verifyOnePing } from './one-ping-signature.ts';
import { type ReceivedEvent, type Receiver, refuse } from './received.ts';

/** What One-Ping's documented payloads have in common; each type's own fields are optional here, unknown ones kept. */
export const onePingPayload = z.looseObject({
	event: z.string().regex(/^[a-z_]+(\.[a-z_]+)+$/),
	notification_id: z.string().min(1),
	channel: z.string().optional(),
	status: z.string().optional(),
	recipient: z.string().optional(),
	timestamp: z.iso.datetime({ offset: true }),
	metadata: z.record(z.string(), z.unknown()).optional(),
	attempt: z.number().optional(),
	attempts: z.number().optional(),
	max_attempts: z.number().optional(),
	next_retry_at: z.string().optional(),
	latency_ms: z.number().optional(),
	error: z.object({ code: z.string(), message: z.string() }).optional(),
	from_channel: z.string().optional(),
	bounce_type: z.enum(['hard', 'soft']).optional(),
	all_channels_failed: z.boolean().optional(),
	confirmation: z.enum(['service', 'device']).optional(),
	event_id: z.string().min(1).optional(),
	delivery_id: z.string().optional(),
	sequence: z.number().optional(),
});
type Payload = z.infer<typeof onePingPayload>;

const FINAL_TYPES: ReadonlySet<string> = new Set([
	'notification.delivered',
	'notification.failed',
	'notification.bounced',
]);

/** Webhooks in One-Ping's format, from One-Ping or from a runner. */
export function onePingReceiver(
	provider: ProviderId,
	schema: z.ZodType<Payload> = onePingPayload,
): Receiver {
	return (request, secrets, options) => {
		const verified = verifyOnePing(request, secrets, options);
		if (!verified.ok) return verified;
		const { payload: raw } = verified;
		const parsed = schema.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return refuse('malformed_body');
		return { ok: true, events: [normalise(provider, parsed.data, raw, options.now)] };
	};
}

export const onePing: Receiver = onePingReceiver('one-ping');

/** What keeps a body from being an event, each as `path: what is wrong`. */
export function missingFacts(
	body: Uint8Array,
	schema: z.ZodType = onePingPayload,
): readonly string[] {
	const payload = parseJson(body);
	if (payload === undefined) return ['the body is not JSON in UTF-8'];
	const issues = schema.safeParse(payload).error?.issues ?? [];
	const facts = issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
	return [...new Set(facts)];
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function normalise(
	provider: ProviderId,
	payload: Payload,
	raw: Record<string, unknown>,
	now: number,
): ReceivedEvent {
	const { event } = payload;
	return {
		eventId: payload.event_id ?? derivedId(payload),
		provider,
		type: event,
		notificationId: payload.notification_id,
		...present('deliveryId', payload.delivery_id),
		...present('channel', payload.channel),
		status: payload.status ?? event.slice(event.lastIndexOf('.') + 1),
		final: FINAL_TYPES.has(event),
		...present('confirmation', payload.confirmation),
		...present('recipient', payload.recipient),
		...present('attempt', payload.attempt ?? payload.attempts),
		...present('maxAttempts', payload.max_attempts),
		...present('nextRetryAt', payload.next_retry_at),
		...present('fromChannel', payload.from_channel),
		...present('bounceType', payload.bounce_type),
		...present('allChannelsFailed', payload.all_channels_failed),
		...present('latencyMs', payload.latency_ms),
		...present('error', payload.error),
		occurredAt: isoTime(Date.parse(payload.timestamp)),
		receivedAt: isoTime(now),
		...present('sequence', payload.sequence),
		metadata: payload.metadata ?? {},
		raw,
	};
}

function present<K extends keyof ReceivedEvent>(
	key: K,
	value: ReceivedEvent[K] | undefined,
): Partial<Pick<ReceivedEvent, K>> {
	const facts: Partial<Pick<ReceivedEvent, K>> = {};
	if (value !== undefined) facts[key] = value;
	return facts;
}

/**
 * One-Ping gives no event id and advises to deduplicate by notification and event, which would merge two channels and
 * two retries. So the channel, the attempt and the recipient count too. Headers do not: they are not signed.
 */
function derivedId(payload: Payload): string {
	const { notification_id, event, channel, attempt, attempts, recipient } = payload;
	const identity = [notification_id, event, channel, attempt ?? attempts, recipient];
	return `op_${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)}`;
}
