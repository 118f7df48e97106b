import { type Delivery, isFinal, type Notification } from '../notification.ts';
import { withoutRetries } from '../retry.ts';

/**
 * Cancels a notification: waiting deliveries end, fallbacks are not used. An attempt under way (`sending`) cannot be
 * stopped; it is the delivery's last, and its outcome counts. Nor can a message that its service has taken (`sent`):
 * its report counts. Undefined when there is nothing to stop.
 */
export function cancel(
	notification: Notification,
	sending: ReadonlySet<string>,
): Notification | undefined {
	const stop = (delivery: Delivery): Delivery => {
		if (isOut(delivery)) return delivery;
		if (sending.has(delivery.id)) return { ...delivery, policy: withoutRetries(delivery.policy) };
		const { dueAt: _noLongerDue, ...rest } = delivery;
		return { ...rest, state: 'cancelled' };
	};
	const { deliveries, fallbacks } = notification;
	const mayFallBack = fallbacks.length > 0 && !deliveries.every(isFinal);
	if (deliveries.every(isOut) && !mayFallBack) return undefined;
	return { ...notification, deliveries: notification.deliveries.map(stop), fallbacks: [] };
}

/** Nothing of it can be stopped any more. */
function isOut(delivery: Delivery): boolean {
	return isFinal(delivery) || delivery.state === 'sent';
}
