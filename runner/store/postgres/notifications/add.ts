import type { Notification } from '@sureping/engine';
import type { NewRow } from '../../rows/columns.ts';
import { deliveryRow } from '../../rows/delivery.ts';
import { type NotificationOrigin, notificationRow } from '../../rows/notification.ts';
import type { Load } from '../db/carried-load.ts';
import { inserted, textBytes, type Write } from '../db/write-rows.ts';

export interface NewNotification {
	readonly notification: Notification;
	readonly origin: NotificationOrigin;
}

/** Inserts notifications with their deliveries. With a `load`, deliveries that can start at once are claimed. */
export function added(all: readonly NewNotification[], load?: Load): readonly Write[] {
	const deliveries: NewRow[] = [];
	const notifications = all.map(({ notification, origin: { apiKey, callbacks } }) => {
		const row = notificationRow(notification, apiKey, callbacks);
		const bytes = textBytes(row);
		notification.deliveries.forEach((delivery, position) => {
			const own = deliveryRow(notification, delivery, position);
			const owner = load?.ownerOfDelivery(notification, delivery, bytes + textBytes(own)) ?? null;
			deliveries.push({ ...own, owner });
		});
		return row;
	});
	return [...inserted('notifications', notifications), ...inserted('deliveries', deliveries)];
}
