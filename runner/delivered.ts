import type { Transition } from '@sureping/engine';

/** A delivery that arrived. */
export interface Delivered {
	readonly channel: string;
	/** Time since its notification was accepted, or since its `send_at`; milliseconds. */
	readonly afterMs: number;
}

/** The deliveries that a step made delivered. */
export function deliveredBy({ notification, events }: Transition): readonly Delivered[] {
	const { createdAt, sendAt = createdAt } = notification;
	const start = Math.max(createdAt, sendAt);
	return events.flatMap((event) =>
		event.event === 'notification.delivered'
			? [{ channel: event.channel, afterMs: Math.max(0, Date.parse(event.timestamp) - start) }]
			: [],
	);
}
