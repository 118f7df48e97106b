import { z } from 'zod/v4';
import { isOverallType, overallFacts } from '../event.ts';
import { forwardedEventSchema } from '../feed-event.ts';
import { isProviderId, type ProviderId } from '../providers.ts';
import { readAbout } from './about.ts';
import { isObject } from './json.ts';
import { onePingPayload, onePingReceiver, readOnePing } from './one-ping.ts';
import type { ReceivedEvent, Receiver } from './received.ts';
import { receivedEvent } from './received-event.ts';
import { isReceivedType } from './vocabulary.ts';

/** Our own events: One-Ping's payload, with facts that it does not give. */
export const surepingPayload = onePingPayload.extend({
	event_id: z.string().min(1),
	delivery_id: z.string().min(1),
	sequence: z.int().min(1),
});

const text = z.string().optional().catch(undefined);
const error = z.object({ code: z.string(), message: z.string() });

/** An event about no single delivery. A newer runner may have more types of them than this reader knows. */
const overallPayload = z.looseObject({
	event: onePingPayload.shape.event,
	event_id: overallFacts.event_id.min(1),
	timestamp: overallFacts.timestamp,
	sequence: overallFacts.sequence,
	metadata: overallFacts.metadata.optional(),
	notification_id: text,
	incident_id: text,
	ask_id: text,
	check_in: text,
	status: text,
	in_reply_to: text,
	deliveries: z
		.array(z.object({ channel: z.string(), connection: z.string(), recipient: z.string(), error }))
		.optional()
		.catch(undefined),
});

/** One of a runner's own events, as it posts them itself or under `data`; undefined for what is none. */
export function readOwn(
	provider: ProviderId,
	raw: unknown,
	now: number,
	schema: z.ZodType<z.infer<typeof onePingPayload>> = onePingPayload,
): ReceivedEvent | undefined {
	const found = readOverall(provider, raw, now) ?? readOnePing(provider, raw, now, schema);
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
	surepingPayload,
	(raw, now) => readForwarded(raw, now) ?? readOwn('sureping', raw, now, surepingPayload),
);

function readForwarded(payload: unknown, now: number): ReceivedEvent | undefined {
	const parsed = forwardedEventSchema.safeParse(payload);
	if (!parsed.success) return undefined;
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
			occurredAt: facts.timestamp,
			sequence: facts.sequence,
			metadata: facts.metadata,
		},
		raw,
		now,
	);
}
