import type { OwnEvent } from '../event.ts';
import type { NewId } from '../ids.ts';
import type { Delivery, Notification } from '../notification.ts';
import type { Random } from '../ports.ts';

/** The result of a step of the state machine. A host stores both parts in one transaction, or neither. */
export interface Transition {
	readonly notification: Notification;
	/** New events, in the order in which they happened. */
	readonly events: readonly OwnEvent[];
}

/** The ports that a step of the state machine uses: jitter needs random numbers, and new deliveries and events need ids. */
export interface StepPorts {
	readonly random: Random;
	readonly newId: NewId;
}

/** The notification with one of its deliveries replaced. */
export function withDelivery(notification: Notification, delivery: Delivery): Notification {
	const deliveries = notification.deliveries.map((old) =>
		old.id === delivery.id ? delivery : old,
	);
	return { ...notification, deliveries };
}
