import { z } from 'zod/v4';
import { isProviderId } from '../providers.ts';
import { fact, failure, flag, kind, number, object, text } from './facts.ts';
import { isObject } from './json.ts';
import { onePingReceiver } from './one-ping.ts';
import type { ReceivedEvent, Receiver } from './received.ts';
import { receivedEvent } from './received-event.ts';
import { isReceivedType } from './vocabulary.ts';

/**
 * Our own runner's webhooks: One-Ping's format, with our ids and sequence on every event. What the runner passes on
 * for another provider reads as if that provider had called here itself, but for the event's id.
 */
export const sureping: Receiver = onePingReceiver('sureping', readForwarded);

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
