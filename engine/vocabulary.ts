import { EVENT_TYPES, type EventType } from './event.ts';

/** Every type that a received event can have: those that a runner emits, and those that only other providers report. */
export const RECEIVED_TYPES = {
	...EVENT_TYPES,
	'notification.suppressed': 'The provider did not send it: the address is on its suppression list',
	'notification.subscribed': 'The recipient wants messages again',
	'notification.received': 'The recipient wrote to you',
	unknown: 'Genuine, but none of the above: see `providerEvent` and `raw`',
} as const satisfies Record<EventType | string, string>;

export type ReceivedType = keyof typeof RECEIVED_TYPES;

/**
 * Groups of types that call for different reactions. Each is an output of the trigger, in this order. Saved workflows are
 * wired by an output's position, so a new outcome joins at the end.
 */
export const OUTCOMES = ['delivered', 'failed', 'engagement', 'other', 'escalation'] as const;
export type EventOutcome = (typeof OUTCOMES)[number];

interface Meaning {
	readonly outcome: EventOutcome;
	/** Nothing more is to come for the delivery. */
	readonly final?: true;
	/**
	 * Progress of a delivery: a later event with a lower stage is out of order. Engagement has no stage, but a message
	 * that was read has arrived.
	 */
	readonly stage?: 0 | 1 | 2;
}

export const MEANINGS: Readonly<Record<ReceivedType, Meaning>> = {
	'notification.queued': { outcome: 'other', stage: 0 },
	'notification.sent': { outcome: 'other', stage: 1 },
	'notification.retrying': { outcome: 'other', stage: 1 },
	'notification.fallback': { outcome: 'other' },
	'notification.delivered': { outcome: 'delivered', final: true, stage: 2 },
	'notification.failed': { outcome: 'failed', final: true, stage: 2 },
	'notification.bounced': { outcome: 'failed', final: true, stage: 2 },
	'notification.undelivered': { outcome: 'failed', final: true },
	'notification.loop_stopped': { outcome: 'other' },
	'escalation.opened': { outcome: 'escalation' },
	'escalation.step_started': { outcome: 'escalation' },
	'escalation.acknowledged': { outcome: 'escalation' },
	'escalation.unacknowledged': { outcome: 'escalation' },
	'escalation.resolved': { outcome: 'escalation', final: true },
	'escalation.exhausted': { outcome: 'escalation' },
	'notification.suppressed': { outcome: 'failed', final: true, stage: 2 },
	'notification.opened': { outcome: 'engagement' },
	'notification.clicked': { outcome: 'engagement' },
	'notification.read': { outcome: 'engagement', final: true, stage: 2 },
	'notification.complained': { outcome: 'engagement' },
	'notification.unsubscribed': { outcome: 'engagement' },
	'notification.subscribed': { outcome: 'engagement' },
	'notification.received': { outcome: 'other' },
	unknown: { outcome: 'other' },
};

export function isReceivedType(text: string): text is ReceivedType {
	return Object.hasOwn(RECEIVED_TYPES, text);
}
