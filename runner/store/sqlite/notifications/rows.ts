import type { Notification } from '@sureping/engine';
import { changedDeliveries, deliveryChanges, deliveryRow } from '../../rows/delivery.ts';
import { listed } from '../../rows/list-conditions.ts';
import {
	notificationChanges,
	type NotificationRecord,
	notificationRow,
	toRecord,
	toSummary,
} from '../../rows/notification.ts';
import { toPage } from '../../rows/pages.ts';
import type { NotificationFilter, NotificationSummary } from '../../contract/notifications.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type { Callback } from '../../contract/sends.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';

/** Returns about the size of the notification in bytes. */
export function insertNotification(
	sql: Statements,
	notification: Notification,
	apiKey: string,
	callbacks: readonly Callback[],
): number {
	const row = notificationRow(notification, apiKey, callbacks);
	sql.insert('notifications', row);
	notification.deliveries.forEach((delivery, position) =>
		sql.insert('deliveries', deliveryRow(notification, delivery, position)),
	);
	return notification.message.length + String(row.metadata).length;
}

/** Writes the changes of a transition: the deliveries that are not the same object as before, and the status. */
export function updateNotification(
	sql: Statements,
	before: Notification,
	after: Notification,
): void {
	sql.update('notifications', notificationChanges(after));
	const { added, changed } = changedDeliveries(before, after);
	for (const [delivery, position] of added) {
		sql.insert('deliveries', deliveryRow(after, delivery, position));
	}
	for (const delivery of changed) sql.update('deliveries', deliveryChanges(after, delivery));
}

export function readNotification(sql: Statements, id: string): NotificationRecord | undefined {
	const row = sql.get`SELECT * FROM notifications WHERE id = ${id}`;
	if (!row) return undefined;
	const deliveries = sql.all`SELECT * FROM deliveries WHERE notification_id = ${id} ORDER BY position`;
	return toRecord(row, deliveries);
}

/** The delivery whose message the service knows by this id. Some write a mail's id in angle brackets (RFC 5322 §3.6.4). */
export function findDeliveryOf(
	sql: Statements,
	connection: string,
	messageId: string,
): { id: string; notificationId: string } | undefined {
	const row = sql.get`SELECT id, notification_id FROM deliveries
		WHERE connection = ${connection} AND message_id IN (${messageId}, ${`<${messageId}>`})
		ORDER BY id DESC LIMIT 1`;
	return row && { id: String(row.id), notificationId: String(row.notification_id) };
}

/** Newest first: ids sort by time. With a filter on the channel alone, the channel's index has them in that order. */
export async function listNotifications(
	reader: Reader,
	{ status, channel }: NotificationFilter,
	{ after, limit }: PageRequest,
): Promise<Page<NotificationSummary>> {
	const isByChannel = channel !== undefined && status === undefined;
	const { where, values } = listed(limit, [
		['d.channel = ?', isByChannel ? channel : undefined],
		['n.status = ?', status],
		[`${isByChannel ? 'd.notification_id' : 'n.id'} < ?`, after],
		[
			'EXISTS (SELECT 1 FROM deliveries d WHERE d.notification_id = n.id AND d.channel = ?)',
			isByChannel ? undefined : channel,
		],
	]);
	const ids = isByChannel
		? `SELECT DISTINCT d.notification_id AS id FROM deliveries d ${where}
		   ORDER BY d.notification_id DESC LIMIT ?`
		: `SELECT n.id FROM notifications n ${where} ORDER BY n.id DESC LIMIT ?`;
	const { rows, isCut } = await reader.find(
		`SELECT n.id, n.status, n.created_at,
			(SELECT json_group_array(channel) FROM deliveries WHERE notification_id = n.id) AS channels
		 FROM notifications n WHERE n.id IN (${ids}) ORDER BY n.id DESC`,
		...values,
	);
	return toPage(rows, limit, toSummary, isCut);
}
