import type { Notifications } from '../../contract/notifications.ts';
import { withAbout } from '../../rows/event.ts';
import { write } from '../db/write-rows.ts';
import { eventsOf } from '../feed/rows.ts';
import type { Scope } from '../scope.ts';
import { cancelNotifications, sendingNow } from './cancel.ts';
import { listNotifications, readRecords } from './rows.ts';

export function createNotifications({
	database,
	leases,
	about,
	deliveryClaims,
}: Scope): Notifications {
	return {
		async get(id) {
			const { records, claimed, broken } = await readRecords(database, [id]);
			if (broken[0]) throw broken[0].error;
			const record = records.get(id);
			if (!record) return undefined;
			const { notification, status } = record;
			const published = (await eventsOf(database, [id])).get(id) ?? [];
			const events = published.map(({ event }) => withAbout(event, notification, about));
			const sending = await sendingNow(database, notification, claimed);
			return { notification, status, events, sending };
		},
		list: (filter, page) => listNotifications(database, filter, page),
		async cancel(id) {
			await deliveryClaims.recall(id);
			return await database.transaction(async (sql) => {
				const { found, cancelled, writes } = await cancelNotifications(sql, [id], leases.owner);
				if (found.broken[0]) throw found.broken[0].error;
				if (!found.records.has(id)) return undefined;
				if (!cancelled.has(id)) return 'nothing';
				await write(sql, writes);
				return 'cancelled';
			});
		},
	};
}
