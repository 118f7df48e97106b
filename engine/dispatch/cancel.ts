import { type Delivery, isFinal, type Notification } from '../notification.ts';
import { withoutRetries } from '../retry.ts';

/**
 * Stops what has not started: waiting deliveries end, fallbacks are not used. An attempt that is under way
 * (`sending`) cannot be called back; it is the delivery's last, and its outcome counts.
 * Undefined when there is nothing to stop.
 */
export function cancel(
	notification: Notification,
	sending: ReadonlySet<string>,
): Notification | undefined {
	const stop = (delivery: Delivery): Delivery => {
		if (isFinal(delivery)) return delivery;
		if (sending.has(delivery.id)) return { ...delivery, policy: withoutRetries(delivery.policy) };
		const { dueAt: _noLongerDue, ...rest } = delivery;
		return { ...rest, state: 'cancelled' };
	};
	if (notification.deliveries.every(isFinal)) return undefined;
	return { ...notification, deliveries: notification.deliveries.map(stop), fallbacks: [] };
}
