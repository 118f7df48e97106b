import type { Notifications } from '../../contract/notifications.ts';
import { orBroken } from '../../rows/broken-row.ts';
import { withAbout } from '../../rows/event.ts';
import { eventsOf } from '../feed/rows.ts';
import type { Scope } from '../scope.ts';
import { cancelNotification, sendingNow } from './cancel.ts';
import { listNotifications } from './lists.ts';
import { readNotification } from './rows.ts';

export function createNotifications(scope: Scope): Notifications {
	const { sql, commits, reader, about, deliveryClaims } = scope;
	return {
		get: async (id) =>
			orBroken(() => {
				const record = readNotification(sql, id);
				if (!record) return undefined;
				const { notification, status } = record;
				const sending = sendingNow(notification, deliveryClaims);
				const events = eventsOf(sql, id).map((one) => withAbout(one, notification, about));
				return { notification, status, events, sending };
			}),
		list: (filter, page) => listNotifications(reader, filter, page),
		cancel: (id) =>
			commits.run(() => {
				const record = readNotification(sql, id);
				if (!record) return undefined;
				return cancelNotification(scope, record.notification) ? 'cancelled' : 'nothing';
			}),
	};
}
