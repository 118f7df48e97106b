import { z } from 'zod/v4';
import { aboutFields } from './about.ts';
import { jsonObjectSchema } from './json-object.ts';

const error = z.object({ code: z.string(), message: z.string() });

/** Fields of every delivery event of a runner. One-Ping's own events have only those up to `timestamp`. */
const facts = {
	notification_id: z.string(),
	channel: z.string(),
	recipient: z.string(),
	metadata: jsonObjectSchema,
	timestamp: z.iso.datetime(),
	event_id: z.string(),
	delivery_id: z.string(),
	/** Per delivery, from 1, without gaps. */
	sequence: z.int().min(1),
	...aboutFields,
};

/**
 * Fields of every event that is about no single delivery. The first four say what it is about. Only `notification_id` is
 * used yet; incidents, asks and check-ins are reserved for later versions.
 */
export const overallFacts = {
	notification_id: z.string().optional(),
	incident_id: z.string().optional(),
	ask_id: z.string().optional(),
	/** The check-in's name. */
	check_in: z.string().optional(),
	metadata: jsonObjectSchema,
	timestamp: z.iso.datetime(),
	event_id: z.string(),
	/** Per subject, from 1, without gaps; a delivery's own events do not count. */
	sequence: z.int().min(1),
	...aboutFields,
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
	/** The party that confirms it: the channel's service, or the recipient's device. */
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

/** An action of the recipient, such as opening a mail; it does not change the delivery. */
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

/** Every channel and every fallback failed: the notification as a whole did not arrive. */
export const undeliveredEventSchema = z.looseObject({
	event: z.literal('notification.undelivered'),
	...overallFacts,
	notification_id: z.string(),
	status: z.literal('undelivered'),
	/** In the order in which they were tried, each with its error. */
	deliveries: z.array(
		z.object({ channel: z.string(), connection: z.string(), recipient: z.string(), error }),
	),
});

/**
 * A send was refused that followed, over too many steps, from this notification's events. At most once per
 * notification.
 */
export const loopStoppedEventSchema = z.looseObject({
	event: z.literal('notification.loop_stopped'),
	...overallFacts,
	notification_id: z.string(),
	status: z.literal('loop_stopped'),
	/** The event that the refused send followed from. */
	in_reply_to: z.string(),
	/** The most steps that a send may be away from the first. */
	loop_limit: z.int().min(0),
});

/** Fields of every event of an incident. `metadata` is that of the send that opened it. */
const escalationFacts = {
	...overallFacts,
	incident_id: z.string(),
	/** Of its first page, which may still have to be made. */
	notification_id: z.string().optional(),
	dedup_key: z.string().optional(),
	/** The name of its policy; absent where the send held the policy itself. */
	policy: z.string().optional(),
};

/** An answer to an incident: who gave it, as far as that is known, and in which way. */
const answerFields = {
	/** The id of a contact, or the name that was given. */
	by: z.string().optional(),
	/** `api`, `link`, `telegram`, `cli`, or `timeout` where nobody did it. */
	via: z.string(),
	/** The channel whose message held the link or button, such as `slack:ops-slack`. */
	via_channel: z.string().optional(),
	note: z.string().optional(),
};

export const escalationOpenedEventSchema = z.looseObject({
	event: z.literal('escalation.opened'),
	...escalationFacts,
	status: z.literal('open'),
});

export const escalationStepEventSchema = z.looseObject({
	event: z.literal('escalation.step_started'),
	...escalationFacts,
	status: z.literal('open'),
	/** From 1; 0 for the channels of the send itself. */
	step: z.int().min(0),
	/** Rounds of the steps before this one. */
	round: z.int().min(0),
	/** The pages of the step so far, in the order of its `notify`. */
	pages: z.array(
		z.object({
			notification_id: z.string(),
			contact_id: z.string().optional(),
			on_call: z.string().optional(),
			channels: z.array(z.string()),
		}),
	),
	/** The parties that could not be paged, and why. */
	problems: z.array(z.object({ notify: z.string(), message: z.string() })).optional(),
});

export const escalationAcknowledgedEventSchema = z.looseObject({
	event: z.literal('escalation.acknowledged'),
	...escalationFacts,
	status: z.literal('acknowledged'),
	...answerFields,
});

export const escalationUnacknowledgedEventSchema = z.looseObject({
	event: z.literal('escalation.unacknowledged'),
	...escalationFacts,
	status: z.literal('open'),
	...answerFields,
});

export const escalationResolvedEventSchema = z.looseObject({
	event: z.literal('escalation.resolved'),
	...escalationFacts,
	status: z.literal('resolved'),
	...answerFields,
});

/** The end without an answer: the steps of the last round are over, or the incident expired. */
export const escalationExhaustedEventSchema = z.looseObject({
	event: z.literal('escalation.exhausted'),
	...escalationFacts,
	status: z.literal('exhausted'),
	reason: z.enum(['unanswered', 'expired']),
	/** The pages of `on_exhausted`. */
	pages: escalationStepEventSchema.shape.pages,
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

/** An event about no single delivery. Another one joins with its schema here and its line in `OVERALL_TYPES`. */
export const overallEventSchema = z.discriminatedUnion('event', [
	undeliveredEventSchema,
	loopStoppedEventSchema,
	escalationOpenedEventSchema,
	escalationStepEventSchema,
	escalationAcknowledgedEventSchema,
	escalationUnacknowledgedEventSchema,
	escalationResolvedEventSchema,
	escalationExhaustedEventSchema,
]);

/** An event of a runner's own. */
export const ownEventSchema = z.union([deliveryEventSchema, overallEventSchema]);

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
/** Always absent; declared so that events of any kind can be read alike. */
type NoDelivery = {
	readonly delivery_id?: never;
	readonly channel?: never;
	readonly recipient?: never;
};
export type UndeliveredEvent = Strict<z.infer<typeof undeliveredEventSchema>> & NoDelivery;
export type LoopStoppedEvent = Strict<z.infer<typeof loopStoppedEventSchema>> & NoDelivery;
export type EscalationOpenedEvent = Strict<z.infer<typeof escalationOpenedEventSchema>> &
	NoDelivery;
export type EscalationStepEvent = Strict<z.infer<typeof escalationStepEventSchema>> & NoDelivery;
export type EscalationAcknowledgedEvent = Strict<
	z.infer<typeof escalationAcknowledgedEventSchema>
> &
	NoDelivery;
export type EscalationUnacknowledgedEvent = Strict<
	z.infer<typeof escalationUnacknowledgedEventSchema>
> &
	NoDelivery;
export type EscalationResolvedEvent = Strict<z.infer<typeof escalationResolvedEventSchema>> &
	NoDelivery;
export type EscalationExhaustedEvent = Strict<z.infer<typeof escalationExhaustedEventSchema>> &
	NoDelivery;
/** An event of an incident. */
export type EscalationEvent =
	| EscalationOpenedEvent
	| EscalationStepEvent
	| EscalationAcknowledgedEvent
	| EscalationUnacknowledgedEvent
	| EscalationResolvedEvent
	| EscalationExhaustedEvent;
/** An event about a notification as a whole. */
export type NotificationEvent = UndeliveredEvent | LoopStoppedEvent;
export type OverallEvent = NotificationEvent | EscalationEvent;
export type OwnEvent = DeliveryEvent | OverallEvent;

export type OverallType = OverallEvent['event'];
export type EventType = OwnEvent['event'];

/** The types about no single delivery, with a description for the person who chooses one. */
export const OVERALL_TYPES: Readonly<Record<OverallType, string>> = {
	'notification.undelivered': 'Every channel and fallback failed: nothing arrived',
	'notification.loop_stopped': 'A chain of sends that follow from each other was stopped',
	'escalation.opened': 'An incident opened: somebody is to answer',
	'escalation.step_started': 'A step of an escalation policy paged its parties',
	'escalation.acknowledged': 'Somebody answered: the incident is taken care of',
	'escalation.unacknowledged': 'An acknowledged incident was not resolved in time and opened again',
	'escalation.resolved': 'An incident is over',
	'escalation.exhausted': 'Nobody answered, and nobody is left to page',
};

/** Every event type that a runner emits, with a description for the person who chooses one. */
export const EVENT_TYPES: Readonly<Record<EventType, string>> = {
	...OVERALL_TYPES,
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

/** True for an event of an incident. */
export function isEscalation(event: { readonly event: string }): event is EscalationEvent {
	return event.event.startsWith('escalation.');
}

export function isOverallType(text: string): text is OverallType {
	return Object.hasOwn(OVERALL_TYPES, text);
}

/** True for an event of ours that is about no single delivery. */
export function isOverall(event: OwnEvent): event is OverallEvent {
	return isOverallType(event.event);
}
