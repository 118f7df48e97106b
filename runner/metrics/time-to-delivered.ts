import type { Notification, Transition } from '@sureping/engine';

/** A delivery that arrived. */
export interface Delivered {
	readonly channel: string;
	/** Time since its notification was accepted, or since its `send_at`; milliseconds. */
	readonly afterMs: number;
}

/** Start of a notification: its acceptance, or its `send_at`; milliseconds since 1970. */
export function owedSince({ createdAt, sendAt = createdAt }: Notification): number {
	return Math.max(createdAt, sendAt);
}

/** The deliveries that a transition made delivered. */
export function deliveredBy({ notification, events }: Transition): readonly Delivered[] {
	const start = owedSince(notification);
	return events.flatMap((event) =>
		event.event === 'notification.delivered'
			? [{ channel: event.channel, afterMs: Math.max(0, Date.parse(event.timestamp) - start) }]
			: [],
	);
}
