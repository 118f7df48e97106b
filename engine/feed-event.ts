import { z } from 'zod/v4';
import { type DeliveryEvent, isOverall, type OwnEvent, ownEventSchema } from './event.ts';
import { jsonObjectSchema } from './json-object.ts';
import type { ReceivedEvent } from './received-event.ts';
import { isReceivedType, RECEIVED_TYPES, type ReceivedType } from './vocabulary.ts';

/** Optional facts of a received event: their names on the wire, and in an item. */
const FACTS = {
	provider_event: 'providerEvent',
	channel: 'channel',
	recipient: 'recipient',
	confirmation: 'confirmation',
	delivery_id: 'deliveryId',
	sequence: 'sequence',
	attempt: 'attempt',
	max_attempts: 'maxAttempts',
	next_retry_at: 'nextRetryAt',
	from_channel: 'fromChannel',
	bounce_type: 'bounceType',
	all_channels_failed: 'allChannelsFailed',
	latency_ms: 'latencyMs',
	error: 'error',
	link: 'link',
	machine: 'machine',
	out_of_order: 'outOfOrder',
	unreadable: 'unreadable',
} as const satisfies Readonly<Record<string, keyof ReceivedEvent>>;
type Fact = keyof typeof FACTS;

/**
 * Another provider's delivery event that a runner forwards: a report about a message that this runner did not send.
 * `provider` distinguishes it from a delivery event of ours.
 */
export const forwardedEventSchema = z.looseObject({
	event: z.string().min(1),
	provider: z.string().min(1),
	/** The provider's id of the message. */
	notification_id: z.string().min(1),
	/** The runner's: the same over retries and replays. */
	event_id: z.string().min(1),
	status: z.string(),
	final: z.boolean(),
	/** The name under which the provider reports to the runner. */
	connection: z.string(),
	timestamp: z.iso.datetime({ offset: true }),
	metadata: jsonObjectSchema,
	/** The provider's payload, unchanged: an object, unless it is unreadable. */
	raw: z.unknown(),
	/** The provider sent it in a form that it does not document: see `raw`. */
	unreadable: z.literal(true).optional(),
	provider_event: z.string().optional(),
	channel: z.string().optional(),
	recipient: z.string().optional(),
	confirmation: z.enum(['service', 'device']).optional(),
	/** This and the sequence are the provider's own, where it gives them. */
	delivery_id: z.string().optional(),
	sequence: z.number().optional(),
	attempt: z.number().optional(),
	max_attempts: z.number().optional(),
	next_retry_at: z.string().optional(),
	from_channel: z.string().optional(),
	bounce_type: z.enum(['hard', 'soft']).optional(),
	all_channels_failed: z.boolean().optional(),
	latency_ms: z.number().optional(),
	error: z.object({ code: z.string(), message: z.string() }).optional(),
	link: z.string().optional(),
	machine: z.literal(true).optional(),
	/** It came after an event that is further on; then `final` is false. */
	out_of_order: z.literal(true).optional(),
});

/** As `forwardedEventSchema` describes it. */
export type ForwardedEvent = {
	readonly event: ReceivedType;
	readonly provider: ReceivedEvent['provider'];
	readonly notification_id: string;
	readonly event_id: string;
	readonly status: string;
	readonly final: boolean;
	readonly connection: string;
	readonly timestamp: string;
	readonly metadata: Readonly<Record<string, unknown>>;
	readonly raw: unknown;
} & { readonly [K in Fact]?: ReceivedEvent[(typeof FACTS)[K]] | undefined };

/** An event of the feed, as endpoints and webhooks carry it. */
export type FeedEvent = OwnEvent | ForwardedEvent;
export const feedEventSchema = z.union([ownEventSchema, forwardedEventSchema]);

export function isForwarded(event: FeedEvent): event is ForwardedEvent {
	return 'provider' in event;
}

/** An event about one message: ours, or another provider's. */
export type MessageEvent = DeliveryEvent | ForwardedEvent;

export function isAboutMessage(event: FeedEvent): event is MessageEvent {
	return isForwarded(event) || !isOverall(event);
}

/** The forwarded form of a provider's event. */
export function forwardedEvent(
	received: ReceivedEvent,
	connection: string,
	eventId: string,
): ForwardedEvent {
	const { type, provider, notificationId, status, final, occurredAt, metadata, raw } = received;
	const event: ForwardedEvent = {
		event: type,
		provider,
		notification_id: notificationId,
		event_id: eventId,
		status,
		final,
		connection,
		timestamp: occurredAt,
		metadata,
		raw,
	};
	for (const [wire, name] of Object.entries(FACTS)) {
		const value = received[name];
		if (value !== undefined) Object.assign(event, { [wire]: value });
	}
	return event;
}

/** An event type where a caller names one: also those that only other providers report. */
export const eventTypeSchema = z.string().transform((text, context): ReceivedType => {
	if (isReceivedType(text)) return text;
	context.addIssue(`is not an event type; one of: ${Object.keys(RECEIVED_TYPES).join(', ')}`);
	return z.NEVER;
});
