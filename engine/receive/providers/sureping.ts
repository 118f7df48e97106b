import { z } from 'zod/v4';
import { isOverallType } from '../../event.ts';
import { isProviderId, type ProviderId } from '../../providers.ts';
import { readAbout } from '../parse/about.ts';
import { fact, failure, flag, kind, number, object, text } from '../parse/facts.ts';
import { isObject } from '../parse/json.ts';
import { onePingReceiver, readOnePing } from './one-ping.ts';
import type { ReceivedEvent, Receiver } from '../received.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { isReceivedType } from '../../vocabulary.ts';

/** An event about no single delivery. A newer runner may have more types of them than this reader knows. */
const overallPayload = z.looseObject({
	event: kind,
	event_id: text,
	timestamp: text,
	sequence: number,
	metadata: object,
	notification_id: text,
	incident_id: text,
	ask_id: text,
	check_in: text,
	status: text,
	in_reply_to: text,
	deliveries: fact(
		z.array(
			z.object({
				channel: z.string(),
				connection: z.string(),
				recipient: z.string(),
				error: z.object({ code: z.string(), message: z.string() }),
			}),
		),
	),
});

/** One of a runner's own events, as it posts them itself or under `data`; undefined for what is none. */
export function readOwn(
	provider: ProviderId,
	raw: unknown,
	now: number,
): ReceivedEvent | undefined {
	const found = readOverall(provider, raw, now) ?? readOnePing(provider, raw, now);
	return found && { ...found, ...readAbout(raw) };
}

function readOverall(provider: ProviderId, raw: unknown, now: number): ReceivedEvent | undefined {
	const parsed = overallPayload.safeParse(raw);
	if (!isObject(raw) || !parsed.success || 'delivery_id' in raw) return undefined;
	const { event, ...facts } = parsed.data;
	// Types of single deliveries have to say which one.
	if (isReceivedType(event) && !isOverallType(event)) return undefined;
	const type = isOverallType(event) ? event : 'unknown';
	return receivedEvent(
		provider,
		{
			type,
			providerEvent: type === 'unknown' ? event : undefined,
			notificationId: facts.notification_id,
			incidentId: facts.incident_id,
			askId: facts.ask_id,
			checkIn: facts.check_in,
			eventId: facts.event_id,
			status: type === 'unknown' ? undefined : facts.status,
			deliveries: facts.deliveries,
			inReplyTo: facts.in_reply_to,
			occurredAt: facts.timestamp,
			sequence: facts.sequence,
			metadata: facts.metadata,
		},
		raw,
		now,
	);
}

/**
 * Our own runner's webhooks: One-Ping's format, with our ids and sequence on every event. What the runner passes on
 * for another provider reads as if that provider had called here itself, but for the event's id.
 */
export const sureping: Receiver = onePingReceiver(
	'sureping',
	(raw, now) => readForwarded(raw, now) ?? readOwn('sureping', raw, now),
);

/** What a runner passes on (`ForwardedEvent`), of which its `provider` tells it from an event of ours. */
const forwarded = z.looseObject({
	event: kind,
	provider: kind,
	connection: text,
	notification_id: text,
	event_id: text,
	status: text,
	final: flag,
	timestamp: text,
	metadata: object,
	raw: z.unknown(),
	unreadable: fact(z.literal(true)),
	provider_event: text,
	channel: text,
	recipient: text,
	confirmation: fact(z.enum(['service', 'device'])),
	delivery_id: text,
	sequence: number,
	attempt: number,
	max_attempts: number,
	next_retry_at: text,
	from_channel: text,
	bounce_type: fact(z.enum(['hard', 'soft'])),
	all_channels_failed: flag,
	latency_ms: number,
	error: failure,
	link: text,
	machine: fact(z.literal(true)),
	out_of_order: fact(z.literal(true)),
});

function readForwarded(payload: unknown, now: number): ReceivedEvent | undefined {
	const parsed = forwarded.safeParse(payload);
	if (!parsed.success || !isObject(payload)) return undefined;
	const { event, provider, raw, ...facts } = parsed.data;
	// A newer runner may know more providers and types than this reader.
	const type = isReceivedType(event) ? event : 'unknown';
	return receivedEvent(
		isProviderId(provider) ? provider : 'sureping',
		{
			type,
			providerEvent: facts.provider_event ?? (type === event ? undefined : event),
			notificationId: facts.notification_id,
			eventId: facts.event_id,
			deliveryId: facts.delivery_id,
			connection: facts.connection,
			channel: facts.channel,
			status: facts.status,
			final: facts.final,
			confirmation: facts.confirmation,
			recipient: facts.recipient,
			attempt: facts.attempt,
			maxAttempts: facts.max_attempts,
			nextRetryAt: facts.next_retry_at,
			fromChannel: facts.from_channel,
			bounceType: facts.bounce_type,
			allChannelsFailed: facts.all_channels_failed,
			latencyMs: facts.latency_ms,
			error: facts.error,
			link: facts.link,
			machine: facts.machine,
			outOfOrder: facts.out_of_order,
			unreadable: facts.unreadable,
			occurredAt: facts.timestamp,
			sequence: facts.sequence,
			metadata: facts.metadata,
			identity: [payload],
		},
		// It is not kept back for what only the provider could have said.
		raw === undefined ? payload : raw,
		now,
	);
}
