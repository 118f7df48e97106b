import { type Delivery, isFinal, type Notification, statusOf } from '@sureping/engine';
import { optionalJson } from '../../rows/columns.ts';
import { deliveriesJson, PRIORITIES, toDeliveries, withDueTimes } from '../../rows/delivery.ts';
import { type NotificationRecord, recordOf } from '../../rows/notification.ts';
import type { Callback } from '../../contract/sends.ts';
import type { Statements } from '../db/statements.ts';
import { dueTimesOf, endDelivery, writeDelivery } from '../deliveries/rows.ts';

/** Returns about the size of the notification in bytes. */
export function insertNotification(
	sql: Statements,
	notification: Notification,
	apiKey: string,
	callbacks: readonly Callback[],
): number {
	const { id, createdAt, message, subject, source, depth, priority, sendAt, expiresAt } =
		notification;
	const { incidentId } = notification;
	const metadata = JSON.stringify(notification.metadata);
	const deliveries = deliveriesJson(notification);
	sql.run(
		`INSERT INTO notifications (id, created_at, api_key, status, message, subject, metadata, priority, send_at,
			expires_at, fallbacks, callbacks, source, depth, told, deliveries, incident_id)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id,
		createdAt,
		apiKey,
		statusOf(notification),
		message,
		subject ?? null,
		metadata,
		PRIORITIES.indexOf(priority),
		sendAt ?? null,
		expiresAt ?? null,
		listJson(notification.fallbacks),
		listJson(callbacks),
		optionalJson(source),
		depth,
		toldJson(notification),
		deliveries,
		incidentId ?? null,
	);
	for (const delivery of notification.deliveries) addDelivery(sql, notification, delivery);
	return message.length + metadata.length + deliveries.length;
}

/** Writes the changes of a transition: the deliveries that are not the same object as before, and the status. */
export function updateNotification(
	sql: Statements,
	before: Notification,
	after: Notification,
): void {
	sql.run(
		'UPDATE notifications SET status = ?, fallbacks = ?, told = ?, deliveries = ? WHERE id = ?',
		statusOf(after),
		listJson(after.fallbacks),
		toldJson(after),
		deliveriesJson(after),
		after.id,
	);
	after.deliveries.forEach((delivery, position) => {
		const old = before.deliveries[position];
		if (old === delivery) return;
		if (!old) {
			addDelivery(sql, after, delivery);
			return;
		}
		if (isFinal(delivery)) endDelivery(sql, after.id, delivery.id);
		else writeDelivery(sql, after, delivery);
		if (delivery.messageId === old.messageId) return;
		removeMessageId(sql, after, old);
		addMessageId(sql, after, delivery);
	});
}

function addDelivery(sql: Statements, notification: Notification, delivery: Delivery): void {
	sql.run(
		'INSERT INTO notification_channels VALUES (?, ?) ON CONFLICT DO NOTHING',
		delivery.channel,
		notification.id,
	);
	if (!isFinal(delivery)) writeDelivery(sql, notification, delivery);
	addMessageId(sql, notification, delivery);
}

function addMessageId(
	sql: Statements,
	{ id }: Notification,
	{ id: deliveryId, connection, messageId }: Delivery,
): void {
	if (messageId === undefined) return;
	sql.run`INSERT INTO message_ids VALUES (${connection}, ${messageId}, ${id}, ${deliveryId})`;
}

function removeMessageId(
	sql: Statements,
	{ id }: Notification,
	{ id: deliveryId, connection, messageId }: Delivery,
): void {
	if (messageId === undefined) return;
	sql.run`DELETE FROM message_ids WHERE connection = ${connection} AND message_id = ${messageId}
		AND notification_id = ${id} AND delivery_id = ${deliveryId}`;
}

export function readNotification(sql: Statements, id: string): NotificationRecord | undefined {
	const row = sql.get`SELECT * FROM notifications WHERE id = ${id}`;
	if (!row) return undefined;
	return recordOf(row, withDueTimes(toDeliveries(row.deliveries), dueTimesOf(sql, id)));
}

/** The delivery whose message the service knows by this id. Some write a mail's id in angle brackets (RFC 5322 §3.6.4). */
export function findDeliveryOf(
	sql: Statements,
	connection: string,
	messageId: string,
): { id: string; notificationId: string } | undefined {
	const row = sql.get`SELECT delivery_id, notification_id FROM message_ids
		WHERE connection = ${connection} AND message_id IN (${messageId}, ${`<${messageId}>`})
		ORDER BY delivery_id DESC LIMIT 1`;
	return row && { id: String(row.delivery_id), notificationId: String(row.notification_id) };
}

/** Removes notifications that have ended. The message ids of one whose deliveries are damaged stay; they lead nowhere. */
export function removeNotifications(sql: Statements, ids: readonly string[]): void {
	const list = JSON.stringify(ids);
	for (const { channel } of sql.all(CHANNELS)) {
		sql.run(
			`DELETE FROM notification_channels WHERE channel = ?
			 AND notification_id IN (SELECT value FROM json_each(?))`,
			channel ?? null,
			list,
		);
	}
	sql.run(
		`DELETE FROM message_ids WHERE (connection, message_id, notification_id, delivery_id) IN (
			SELECT d.value ->> 'connection', d.value ->> 'messageId', n.id, d.value ->> 'id'
			FROM json_each(?) given CROSS JOIN notifications n ON n.id = given.value
			CROSS JOIN json_each(iif(json_valid(n.deliveries), n.deliveries, '[]')) d
			WHERE d.type = 'object')`,
		list,
	);
	sql.run('DELETE FROM notifications WHERE id IN (SELECT value FROM json_each(?))', list);
}

/** The channels that there are, each found with one look from the one before it. */
const CHANNELS = `WITH RECURSIVE found (channel) AS (
	SELECT MIN(channel) FROM notification_channels
	UNION ALL
	SELECT (SELECT MIN(channel) FROM notification_channels c WHERE c.channel > found.channel)
		FROM found WHERE channel IS NOT NULL)
	SELECT channel FROM found WHERE channel IS NOT NULL`;

const listJson = (list: readonly unknown[]): string =>
	list.length === 0 ? '[]' : JSON.stringify(list);

const toldJson = ({ published }: Notification): string | null =>
	published.length === 0 ? null : JSON.stringify(published);
