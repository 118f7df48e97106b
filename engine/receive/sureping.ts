import { z } from 'zod/v4';
import { forwardedEventSchema } from '../feed-event.ts';
import { isProviderId } from '../providers.ts';
import { onePingPayload, onePingReceiver } from './one-ping.ts';
import type { ReceivedEvent, Receiver } from './received.ts';
import { receivedEvent } from './received-event.ts';
import { isReceivedType } from './vocabulary.ts';

/** Our own events: One-Ping's payload, with facts that it does not give. */
export const surepingPayload = onePingPayload.extend({
	event_id: z.string().min(1),
	delivery_id: z.string().min(1),
	sequence: z.int().min(1),
});

/**
 * Our own runner's webhooks: One-Ping's format, with our ids and sequence on every event. What the runner passes on
 * for another provider reads as if that provider had called here itself, but for the event's id.
 */
export const sureping: Receiver = onePingReceiver('sureping', surepingPayload, readForwarded);

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
