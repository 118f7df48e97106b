import { cancel, type Delivery } from '@sureping/engine';
import type { Notifications } from '../../contract/notifications.ts';
import { orBroken } from '../../rows/broken-row.ts';
import { withAbout } from '../../rows/event.ts';
import { sendingOf } from '../../rules/sending.ts';
import type { DeliveryClaims } from '../deliveries/claims.ts';
import { eventsOf } from '../feed/rows.ts';
import type { Scope } from '../scope.ts';
import { listNotifications } from './lists.ts';
import { readNotification, updateNotification } from './rows.ts';

export function createNotifications(scope: Scope): Notifications {
	const { sql, commits, reader, about, deliveryClaims } = scope;
	return {
		get: async (id) =>
			orBroken(() => {
				const record = readNotification(sql, id);
				if (!record) return undefined;
				const { notification, status } = record;
				const sending = sendingOf(notification, isClaimed(deliveryClaims));
				const events = eventsOf(sql, id).map((one) => withAbout(one, notification, about));
				return { notification, status, events, sending };
			}),
		list: (filter, page) => listNotifications(reader, filter, page),
		cancel: (id) =>
			commits.run(() => {
				const record = readNotification(sql, id);
				if (!record) return undefined;
				const { notification } = record;
				const after = cancel(notification, sendingOf(notification, isClaimed(deliveryClaims)));
				if (!after) return 'nothing';
				updateNotification(sql, notification, after);
				deliveryClaims.expectAll(after);
				return 'cancelled';
			}),
	};
}

/**
 * Tells if a delivery has an attempt under way. A claim lasts a little longer than its attempt. Once the outcome is
 * committed, the delivery has one more attempt than it had when it was claimed.
 */
const isClaimed =
	(claims: DeliveryClaims) =>
	({ id, attempts }: Delivery): boolean => {
		const claimed = claims.get(id)?.notification.deliveries;
		return claimed?.find((one) => one.id === id)?.attempts.length === attempts.length;
	};
