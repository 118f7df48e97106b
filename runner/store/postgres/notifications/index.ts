import { cancel } from '@sureping/engine';
import type { Notifications } from '../../contract/notifications.ts';
import { withAbout } from '../../rows/event.ts';
import { sendingOf } from '../../rules/sending.ts';
import { write } from '../db/write-rows.ts';
import { eventsOf } from '../feed/rows.ts';
import type { Scope } from '../scope.ts';
import { changesOf, listNotifications, readRecords, underWay } from './rows.ts';

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
			const busy = await underWay(database, claimed);
			const sending = sendingOf(notification, ({ id }) => busy.has(id));
			return { notification, status, events, sending };
		},
		list: (filter, page) => listNotifications(database, filter, page),
		async cancel(id) {
			await deliveryClaims.recall(id);
			return await database.transaction(async (sql) => {
				const { records, claimed, broken } = await readRecords(sql, [id], 'lock-deliveries');
				if (broken[0]) throw broken[0].error;
				const before = records.get(id)?.notification;
				if (!before) return undefined;
				const busy = await underWay(sql, claimed);
				const after = cancel(
					before,
					sendingOf(before, ({ id }) => busy.has(id)),
				);
				if (!after) return 'nothing';
				await write(sql, changesOf([{ before, after }], leases.owner));
				return 'cancelled';
			});
		},
	};
}
