import { isFinal, type Notification, type NotificationStatus, statusOf } from '@sureping/engine';
import type { Broken } from '../../rows/broken-row.ts';
import type { NewRow, Row } from '../../rows/columns.ts';
import { changedDeliveries, deliveryChanges, deliveryRow } from '../../rows/delivery.ts';
import {
	notificationChanges,
	type NotificationRecord,
	toRecord,
	toSummary,
} from '../../rows/notification.ts';
import { toPage } from '../../rows/pages.ts';
import type { NotificationSummary } from '../../contract/notifications.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import { isWord, listed } from '../db/list-query.ts';
import type { Sql } from '../db/database.ts';
import { columnsOf } from '../db/tables.ts';
import { inserted, NOT_OWN, updated, type Write } from '../db/write-rows.ts';

/** Notifications by id, with the ids of their deliveries that a process has claimed. */
export interface FoundRecords {
	readonly records: ReadonlyMap<string, NotificationRecord>;
	readonly claimed: ReadonlySet<string>;
	/** Rows that cannot be read. */
	readonly broken: readonly Broken[];
}

/**
 * Reads notifications with their deliveries. `lock` keeps them from changing until the transaction ends; always in the
 * order of their ids, so that two groups never deadlock. `lock-deliveries` keeps their deliveries from being claimed, too.
 */
export async function readRecords(
	sql: Sql,
	ids: readonly string[],
	lock: 'lock' | 'lock-deliveries' | 'no-lock' = 'no-lock',
): Promise<FoundRecords> {
	// In a transaction the first is answered, and its locks are taken, before the second runs.
	const [rows, deliveries] = await Promise.all([
		sql.rows(
			`SELECT ${columnsOf('notifications')} FROM sureping.notifications
			 WHERE id = ANY($1::text[]) ORDER BY id ${lock === 'no-lock' ? '' : 'FOR UPDATE'}`,
			[ids],
		),
		sql.rows(
			`SELECT ${columnsOf('deliveries')}, owner FROM sureping.deliveries
			 WHERE notification_id = ANY($1::text[]) ORDER BY notification_id, position
			 ${lock === 'lock-deliveries' ? 'FOR UPDATE' : ''}`,
			[ids],
		),
	]);
	const byNotification = new Map<string, Row[]>();
	const claimed = new Set<string>();
	for (const row of deliveries) {
		const id = String(row.notification_id);
		const list = byNotification.get(id) ?? [];
		list.push(row);
		byNotification.set(id, list);
		if (row.owner !== null) claimed.add(String(row.id));
	}
	const records = new Map<string, NotificationRecord>();
	const broken: Broken[] = [];
	for (const row of rows) {
		const id = String(row.id);
		try {
			records.set(id, toRecord(row, byNotification.get(id) ?? []));
		} catch (error) {
			broken.push({ id, error });
		}
	}
	return { records, claimed, broken };
}

/**
 * The claimed deliveries whose process may be alive. A process without a row in `workers` is dead, as all are in a restored
 * backup: its attempts have ended, whatever came of them.
 */
export async function underWay(sql: Sql, claimed: ReadonlySet<string>): Promise<Set<string>> {
	if (claimed.size === 0) return new Set();
	const rows = await sql.rows(
		`SELECT id FROM sureping.deliveries
		 WHERE id = ANY($1::text[]) AND owner IN (SELECT id FROM sureping.workers)`,
		[[...claimed]],
	);
	return new Set(rows.map(({ id }) => String(id)));
}

/** Writes the changes that steps made. The claims of the process `owner` end with their attempts. */
export function changesOf(
	changes: readonly { readonly before: Notification; readonly after: Notification }[],
	owner: string,
): readonly Write[] {
	const notifications: NewRow[] = [];
	const changed: NewRow[] = [];
	/** Rows whose attempts have ended. */
	const over: NewRow[] = [];
	const added: NewRow[] = [];
	for (const { before, after } of changes) {
		if (before === after) continue;
		if (
			statusOf(before) !== statusOf(after) ||
			before.fallbacks !== after.fallbacks ||
			before.published !== after.published
		) {
			notifications.push(notificationChanges(after));
		}
		const difference = changedDeliveries(before, after);
		for (const [delivery, position] of difference.added) {
			added.push(deliveryRow(after, delivery, position));
		}
		const ended = new Set(endedDeliveries(before, after));
		for (const delivery of difference.changed) {
			// An attempt that has ended gives its claim back in the same statement; other changes leave claims alone.
			(ended.has(delivery.id) ? over : changed).push(deliveryChanges(after, delivery));
		}
	}
	return [
		...updated('notifications', notifications),
		...updated('deliveries', changed),
		...updated('deliveries', over, { how: { owner: NOT_OWN }, own: owner }),
		...inserted('deliveries', added),
	];
}

/** Ids of the deliveries whose attempt, or wait for a report, a step has ended. */
export function endedDeliveries(before: Notification, after: Notification): readonly string[] {
	return changedDeliveries(before, after)
		.changed.filter((delivery) => {
			const old = before.deliveries.find(({ id }) => id === delivery.id);
			return isFinal(delivery) || old?.attempts.length !== delivery.attempts.length;
		})
		.map(({ id }) => id);
}

/**
 * Finds deliveries by their messages' ids, with or without the angle brackets that some services write (RFC 5322
 * §3.6.4).
 */
export async function findDeliveries(
	sql: Sql,
	connection: string,
	messageIds: readonly string[],
): Promise<ReadonlyMap<string, { id: string; notificationId: string }>> {
	const rows = await sql.rows(
		`SELECT DISTINCT ON (wanted) wanted, d.id, d.notification_id
		 FROM unnest($2::text[]) AS wanted JOIN sureping.deliveries d
		 ON d.connection = $1 AND d.message_id IS NOT NULL
		 AND md5(d.message_id) IN (md5(wanted), md5('<' || wanted || '>'))
		 AND d.message_id IN (wanted, '<' || wanted || '>')
		 ORDER BY wanted, d.id DESC`,
		[connection, [...new Set(messageIds)]],
	);
	return new Map(
		rows.map((row) => [
			String(row.wanted),
			{ id: String(row.id), notificationId: String(row.notification_id) },
		]),
	);
}

/** Newest first: ids sort by time. */
export async function listNotifications(
	sql: Sql,
	{ status, channel }: { status?: NotificationStatus | undefined; channel?: string | undefined },
	{ after, limit }: PageRequest,
): Promise<Page<NotificationSummary>> {
	const { where, most, values } = listed(
		limit,
		[
			['n.id < ?', after],
			[
				'EXISTS (SELECT 1 FROM sureping.deliveries d WHERE d.notification_id = n.id AND d.channel = ?)',
				channel,
			],
		],
		isWord('n.status', status),
	);
	const rows = await sql.rows(
		`SELECT n.id, n.status, n.created_at,
			(SELECT json_agg(d.channel ORDER BY d.position)::text FROM sureping.deliveries d
				WHERE d.notification_id = n.id) AS channels
		 FROM sureping.notifications n ${where} ORDER BY n.id DESC ${most}`,
		values,
	);
	return toPage(rows, limit, toSummary);
}
