import { cancel, type Notification } from '@sureping/engine';
import { sendingOf } from '../../rules/sending.ts';
import type { Sql } from '../db/database.ts';
import type { Write } from '../db/write-rows.ts';
import { changesOf, type FoundRecords, readRecords, underWay } from './rows.ts';

/** Notifications that a transaction has locked with their deliveries, and the end of those of them that were pending. */
export interface Cancellation {
	readonly found: FoundRecords;
	/** Ids of those that have something to cancel. */
	readonly cancelled: ReadonlySet<string>;
	readonly writes: readonly Write[];
}

/** Cancels the pending deliveries of notifications, once `writes` are written. `owner` is this process. */
export async function cancelNotifications(
	sql: Sql,
	ids: readonly string[],
	owner: string,
): Promise<Cancellation> {
	const found = await readRecords(sql, ids, 'lock-deliveries');
	const busy = await underWay(sql, found.claimed);
	const changes = [...found.records.values()].flatMap(({ notification: before }) => {
		const after = cancel(before, sendingOf(before, isIn(busy)));
		return after ? [{ before, after }] : [];
	});
	const cancelled = new Set(changes.map(({ after }) => after.id));
	return { found, cancelled, writes: changesOf(changes, owner) };
}

/** Ids of the deliveries with an attempt under way right now. */
export async function sendingNow(
	sql: Sql,
	notification: Notification,
	claimed: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
	return sendingOf(notification, isIn(await underWay(sql, claimed)));
}

const isIn =
	(ids: ReadonlySet<string>) =>
	({ id }: { readonly id: string }): boolean =>
		ids.has(id);
