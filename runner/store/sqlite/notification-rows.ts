import type { Delivery, Notification, NotificationStatus } from '@sureping/engine';
import { statusOf } from '@sureping/engine';
import { optionalNumber } from '../rows/columns.ts';
import {
	changedDeliveries,
	deliveryChanges,
	deliveryRow,
	type NotificationRecord,
	notificationRow,
	PRIORITIES,
	toRecord,
	toSummary,
} from '../rows/notification.ts';
import { toPage } from '../rows/pages.ts';
import type { Callback, NotificationSummary, Page, PageRequest } from '../store.ts';
import type { Statements } from './statements.ts';
import { whereAll } from './where.ts';

export function insertNotification(
	sql: Statements,
	notification: Notification,
	apiKey: string,
	callbacks: readonly Callback[],
): void {
	sql.insert('notifications', notificationRow(notification, apiKey, callbacks));
	notification.deliveries.forEach((delivery, position) =>
		sql.insert('deliveries', deliveryRow(notification, delivery, position)),
	);
}

/** Writes what a transition changed: the deliveries that are not the same object as before, and the status. */
export function updateNotification(
	sql: Statements,
	before: Notification,
	after: Notification,
): void {
	sql.run(
		'UPDATE notifications SET status = ?, fallbacks = ? WHERE id = ?',
		statusOf(after),
		JSON.stringify(after.fallbacks),
		after.id,
	);
	const { added, changed } = changedDeliveries(before, after);
	for (const [delivery, position] of added) {
		sql.insert('deliveries', deliveryRow(after, delivery, position));
	}
	for (const delivery of changed) updateDelivery(sql, delivery);
}

export function readNotification(sql: Statements, id: string): NotificationRecord | undefined {
	const row = sql.get('SELECT * FROM notifications WHERE id = ?', id);
	if (!row) return undefined;
	return toRecord(
		row,
		sql.all('SELECT * FROM deliveries WHERE notification_id = ? ORDER BY position', id),
	);
}

/** The notification that a delivery belongs to. */
export function readNotificationOf(
	sql: Statements,
	deliveryId: string,
): NotificationRecord | undefined {
	const row = sql.get('SELECT notification_id FROM deliveries WHERE id = ?', deliveryId);
	return row && readNotification(sql, String(row.notification_id));
}

/** The delivery whose message the service knows by this id. Some write a mail's id in angle brackets (RFC 5322 §3.6.4). */
export function findDeliveryOf(
	sql: Statements,
	connection: string,
	messageId: string,
): { id: string; notificationId: string } | undefined {
	const row = sql.get(
		`SELECT id, notification_id FROM deliveries
		 WHERE connection = ? AND message_id IN (?, ?) ORDER BY id DESC LIMIT 1`,
		connection,
		messageId,
		`<${messageId}>`,
	);
	return row && { id: String(row.id), notificationId: String(row.notification_id) };
}

/** Newest first: ids sort by time. */
export function listNotifications(
	sql: Statements,
	{ status, channel }: { status?: NotificationStatus | undefined; channel?: string | undefined },
	{ after, limit }: PageRequest,
): Page<NotificationSummary> {
	const conditions = [
		...(status === undefined ? [] : [{ sql: 'n.status = ?', value: status }]),
		...(after === undefined ? [] : [{ sql: 'n.id < ?', value: after }]),
		...(channel === undefined
			? []
			: [
					{
						sql: 'EXISTS (SELECT 1 FROM deliveries d WHERE d.notification_id = n.id AND d.channel = ?)',
						value: channel,
					},
				]),
	];
	const rows = sql.all(
		`SELECT n.id, n.status, n.created_at,
			(SELECT json_group_array(channel) FROM deliveries WHERE notification_id = n.id) AS channels
		 FROM notifications n ${whereAll(conditions)} ORDER BY n.id DESC LIMIT ?`,
		...conditions.map(({ value }) => value),
		limit + 1,
	);
	return toPage(rows, limit, toSummary);
}

/** Ids of due deliveries, critical ones first, then the longest due. */
export function dueDeliveryIds(
	sql: Statements,
	now: number,
	limit: number,
): readonly { id: string }[] {
	return sql
		.all(
			`SELECT id FROM deliveries
			 WHERE due_at IS NOT NULL AND priority IN (0, 1) AND due_at <= ?
			 ORDER BY priority, due_at LIMIT ?`,
			now,
			limit,
		)
		.map((row) => ({ id: String(row.id) }));
}

/** The first due time after `time`. */
export function nextDeliveryAt(sql: Statements, time: number): number | undefined {
	const times = PRIORITIES.flatMap((_, priority) => {
		const row = sql.get(
			'SELECT MIN(due_at) AS due_at FROM deliveries WHERE priority = ? AND due_at > ?',
			priority,
			time,
		);
		return optionalNumber(row?.due_at) ?? [];
	});
	return times.length > 0 ? Math.min(...times) : undefined;
}

function updateDelivery(sql: Statements, delivery: Delivery): void {
	const { id, ...changes } = deliveryChanges(delivery);
	const columns = Object.keys(changes).map((column) => `${column} = ?`);
	sql.run(
		`UPDATE deliveries SET ${columns.join(', ')} WHERE id = ?`,
		...Object.values(changes),
		id ?? null,
	);
}
