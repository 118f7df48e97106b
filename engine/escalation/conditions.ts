import { isFinal, type Notification } from '../notification.ts';
import type { StepCondition } from './policy.ts';

/** True if a step takes place: its condition over the notifications of the steps before it. */
export function isMet(
	condition: StepCondition,
	notifications: readonly Notification[],
	opened: ReadonlySet<string>,
): boolean {
	const deliveries = notifications.flatMap((one) => one.deliveries);
	const isDelivered = deliveries.some(({ state }) => state === 'delivered');
	switch (condition) {
		case 'not_acknowledged':
			return true;
		case 'failed':
			return !isDelivered && deliveries.every(isFinal);
		case 'not_delivered':
			return !isDelivered;
		case 'not_opened':
			return !notifications.some(({ id }) => opened.has(id));
	}
}
