import type { Notification, Transition } from '@sureping/engine';

/** Deliveries, for workers: claim, attempt, update. */
export interface Deliveries {
	/** Takes due deliveries, most urgent first; no other worker gets them until they are updated or released. */
	claim(now: number, limit: number): Promise<readonly DueDelivery[]>;
	/**
	 * Applies a step to the notification as it is now and stores the result with its events and the webhook
	 * deliveries that follow. Rejects with a `BrokenRow` when the notification cannot be read or the step throws.
	 */
	update(
		notificationId: string,
		step: (notification: Notification) => Transition,
	): Promise<Transition>;
	release(deliveryId: string): void;
	/** Start time of the first unclaimed delivery, if that is after `time`. */
	nextAt(time: number): Promise<number | undefined>;
}

export interface DueDelivery {
	readonly notification: Notification;
	readonly deliveryId: string;
	/** Time for which it was held back because its connection was down; milliseconds. */
	readonly heldMs: number;
	/** Its connection's pause lasts too long for it: it fails without its last attempt. */
	readonly isTooLate: boolean;
}
