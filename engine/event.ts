import { z } from 'zod/v4';
import { anyObject } from './any-object.ts';

const error = z.object({ code: z.string(), message: z.string() });

/** On every delivery event of ours. One-Ping's own events have the first group only. */
const facts = {
	notification_id: z.string(),
	channel: z.string(),
	recipient: z.string(),
	metadata: anyObject,
	timestamp: z.iso.datetime(),
	event_id: z.string(),
	delivery_id: z.string(),
	/** Per delivery, from 1, without gaps. */
	sequence: z.int().min(1),
};

export const queuedEventSchema = z.looseObject({
	event: z.literal('notification.queued'),
	...facts,
	status: z.literal('queued'),
});

export const deliveredEventSchema = z.looseObject({
	event: z.literal('notification.delivered'),
	...facts,
	status: z.literal('delivered'),
	delivered_at: z.iso.datetime(),
	/** Milliseconds that the successful attempt took. */
	latency_ms: z.number().min(0),
	attempt: z.int().min(1),
	/** Who vouches for it: the channel's service, or the recipient's device. */
	confirmation: z.enum(['service', 'device']),
});

export const failedEventSchema = z.looseObject({
	event: z.literal('notification.failed'),
	...facts,
	status: z.literal('failed'),
	error,
	attempts: z.int().min(0),
	/** Absent when the delivery expired before its first attempt. */
	first_attempt_at: z.iso.datetime().optional(),
	last_attempt_at: z.iso.datetime().optional(),
	/** On the delivery whose failure leaves nothing to try. */
	all_channels_failed: z.literal(true).optional(),
});

export const retryingEventSchema = z.looseObject({
	event: z.literal('notification.retrying'),
	...facts,
	status: z.literal('retrying'),
	/** The attempt that just failed, from 1. */
	attempt: z.int().min(1),
	max_attempts: z.int().min(1),
	next_retry_at: z.iso.datetime(),
	error,
});

export const sentEventSchema = z.looseObject({
	event: z.literal('notification.sent'),
	...facts,
	status: z.literal('sent'),
	/** The attempt that the service accepted, from 1. Its report is to come. */
	attempt: z.int().min(1),
	latency_ms: z.number().min(0),
});

/** What the recipient did with a message; it changes nothing about the delivery. */
export const engagementEventSchema = z.looseObject({
	event: z.enum([
		'notification.opened',
		'notification.clicked',
		'notification.read',
		'notification.complained',
		'notification.unsubscribed',
	]),
	...facts,
	status: z.enum(['opened', 'clicked', 'read', 'complained', 'unsubscribed']),
	/** The link that was clicked. */
	link: z.string().optional(),
	/** A mail scanner or a privacy proxy did it, not a person. */
	machine: z.literal(true).optional(),
});

export const bouncedEventSchema = z.looseObject({
	event: z.literal('notification.bounced'),
	...facts,
	status: z.literal('bounced'),
	bounce_type: z.enum(['hard', 'soft']),
	error,
	/** On the delivery whose bounce leaves nothing to try. */
	all_channels_failed: z.literal(true).optional(),
});

export const fallbackEventSchema = z.looseObject({
	event: z.literal('notification.fallback'),
	...facts,
	status: z.literal('fallback'),
	/** The channel whose failure started this one; `channel` is the new one. */
	from_channel: z.string(),
	error,
});

/** A delivery event as it is stored, listed and posted to endpoints. */
export const deliveryEventSchema = z.discriminatedUnion('event', [
	queuedEventSchema,
	sentEventSchema,
	deliveredEventSchema,
	failedEventSchema,
	retryingEventSchema,
	bouncedEventSchema,
	fallbackEventSchema,
	engagementEventSchema,
]);

type Strict<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

export type QueuedEvent = Strict<z.infer<typeof queuedEventSchema>>;
export type SentEvent = Strict<z.infer<typeof sentEventSchema>>;
export type EngagementEvent = Strict<z.infer<typeof engagementEventSchema>>;
export type DeliveredEvent = Strict<z.infer<typeof deliveredEventSchema>>;
export type FailedEvent = Strict<z.infer<typeof failedEventSchema>>;
export type RetryingEvent = Strict<z.infer<typeof retryingEventSchema>>;
export type BouncedEvent = Strict<z.infer<typeof bouncedEventSchema>>;
export type FallbackEvent = Strict<z.infer<typeof fallbackEventSchema>>;
export type DeliveryEvent =
	| QueuedEvent
	| SentEvent
	| DeliveredEvent
	| FailedEvent
	| RetryingEvent
	| BouncedEvent
	| FallbackEvent
	| EngagementEvent;

export type EventType = DeliveryEvent['event'];

/** Every event type that a runner emits, with what a person choosing one should know. */
export const EVENT_TYPES: Readonly<Record<EventType, string>> = {
	'notification.queued': 'A delivery was accepted and waits for its first attempt',
	'notification.sent': 'The service took the message; whether it arrived is reported later',
	'notification.delivered': 'The channel confirmed the message',
	'notification.retrying': 'An attempt failed and another is scheduled',
	'notification.failed': 'A delivery failed after its last attempt',
	'notification.bounced': 'The mail system returned the message',
	'notification.fallback': 'A fallback channel took over',
	'notification.opened': 'The recipient, or a machine on the way, opened the mail',
	'notification.clicked': 'The recipient, or a machine on the way, followed a link',
	'notification.read': 'The recipient read the message',
	'notification.complained': 'The recipient reported the mail as spam',
	'notification.unsubscribed': 'The recipient does not want further messages',
};

/** The five that One-Ping sends (its webhook documentation, "Webhook Event Types"). */
export const ONE_PING_EVENTS: readonly EventType[] = [
	'notification.delivered',
	'notification.failed',
	'notification.retrying',
	'notification.bounced',
	'notification.fallback',
];

export function isEventType(text: string): text is EventType {
	return Object.hasOwn(EVENT_TYPES, text);
}
