import type { IDataObject } from 'n8n-workflow';
import { type Delivery, type Notification, statusOf } from '../../engine/notification.ts';
import { isoTime } from '../../engine/time.ts';

/** A notification that has ended, as an item. */
export function notificationItem(notification: Notification): IDataObject {
	return {
		notificationId: notification.id,
		status: statusOf(notification),
		deliveries: notification.deliveries.map(deliveryItem),
	};
}

function deliveryItem({ id, channel, recipient, state, attempts }: Delivery): IDataObject {
	return {
		id,
		channel,
		recipient,
		status: state,
		attempts: attempts.map(({ at, latencyMs, error }) => ({
			at: isoTime(at),
			latencyMs,
			...(error ? { error: { code: error.code, message: error.message } } : {}),
		})),
	};
}
