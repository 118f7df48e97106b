import { z } from 'zod/v4';
import type { ReceivedEvent } from '../../received-event.ts';
import { isReceivedType, type ReceivedType } from '../../vocabulary.ts';
import type { Draft } from '../provider.ts';
import type { Genuine } from '../verify/verification.ts';
import { readBatch } from './batch.ts';
import { receivedEvent } from './build-event.ts';
import { fact, failure, flag, kind, number, object, text } from './facts.ts';
import { isObject, parseJson } from './json.ts';

/** Members of One-Ping's documented payloads and of a runner's. */
const onePingPayload = z.looseObject({
	event: kind,
	notification_id: text,
	channel: text,
	status: text,
	recipient: text,
	timestamp: text,
	metadata: object,
	attempt: number,
	attempts: number,
	max_attempts: number,
	next_retry_at: text,
	latency_ms: number,
	error: failure,
	from_channel: text,
	bounce_type: fact(z.enum(['hard', 'soft'])),
	all_channels_failed: flag,
	confirmation: fact(z.enum(['service', 'device'])),
	event_id: text,
	delivery_id: text,
	sequence: number,
	link: text,
	machine: fact(z.literal(true)),
});
type Payload = z.infer<typeof onePingPayload>;

/**
 * Reads a body in One-Ping's format, from One-Ping or from a runner: one event, or many as `{"events": […]}`, which a
 * runner posts to an endpoint that asks for batches.
 */
export function readOnePingBody(
	{ request, payload = parseJson(request.body) }: Genuine,
	readEvent: (raw: unknown) => ReceivedEvent | undefined,
): Draft | undefined {
	const batch = isObject(payload) && !('event' in payload) ? payload.events : undefined;
	if (Array.isArray(batch)) return readBatch(batch, readEvent);
	const event = readEvent(payload);
	return event && { events: [event] };
}

/** One event in One-Ping's flat format; undefined when it is none. */
export function readOnePingEvent(
	provider: string,
	raw: unknown,
	now: number,
): ReceivedEvent | undefined {
	const parsed = onePingPayload.safeParse(raw);
	return isObject(raw) && parsed.success ? normalise(provider, parsed.data, raw, now) : undefined;
}

/** A recipient opens a mail and follows its links as often as they like. */
function isRepeatable(type: ReceivedType): boolean {
	return /\.(?:opened|clicked|read)$/.test(type);
}

function normalise(
	provider: string,
	payload: Payload,
	raw: Record<string, unknown>,
	now: number,
): ReceivedEvent {
	const { event, notification_id: notificationId, channel, recipient } = payload;
	const type = isReceivedType(event) ? event : 'unknown';
	const attempt = payload.attempt ?? payload.attempts;
	return receivedEvent(
		provider,
		{
			type,
			providerEvent: type === 'unknown' ? event : undefined,
			notificationId,
			eventId: payload.event_id,
			// One-Ping gives no event id and advises to deduplicate by notification and event, which would merge two channels
			// and two retries. So the channel, the attempt and the recipient count too. Headers do not: they are not signed.
			identity:
				notificationId === undefined
					? [raw]
					: [
							...[notificationId, event, channel, attempt, recipient],
							...(isRepeatable(type) ? [payload.link, payload.timestamp] : []),
						],
			deliveryId: payload.delivery_id,
			channel,
			status: type === 'unknown' ? undefined : payload.status,
			confirmation: payload.confirmation,
			recipient,
			attempt,
			maxAttempts: payload.max_attempts,
			nextRetryAt: payload.next_retry_at,
			fromChannel: payload.from_channel,
			bounceType: payload.bounce_type,
			allChannelsFailed: payload.all_channels_failed,
			latencyMs: payload.latency_ms,
			error: payload.error,
			link: payload.link,
			machine: payload.machine,
			occurredAt: payload.timestamp,
			sequence: payload.sequence,
			metadata: payload.metadata,
		},
		raw,
		now,
	);
}
