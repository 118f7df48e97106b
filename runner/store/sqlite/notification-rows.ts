import type { Delivery, Notification, NotificationStatus, ReportRules } from '@sureping/engine';
import { FINAL_STATES, isFinal, statusOf } from '@sureping/engine';
import { fromJson, optionalNumber, optionalText, type Row, word } from './columns.ts';
import { toPage, whereAll } from './pages.ts';
import type { Callback, NotificationSummary, Page, PageRequest } from '../store.ts';
import type { Statements } from './statements.ts';

/** Critical before normal, in the order of the index that claims read. */
const PRIORITIES = ['critical', 'normal'] as const;

export interface NotificationRecord {
	readonly notification: Notification;
	readonly status: NotificationStatus;
	readonly apiKey: string;
	readonly callbacks: readonly Callback[];
}

export function insertNotification(
	sql: Statements,
	notification: Notification,
	apiKey: string,
	callbacks: readonly Callback[],
): void {
	const { id, createdAt, message, subject, metadata, priority, sendAt, expiresAt } = notification;
	sql.run(
		'INSERT INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
		id,
		createdAt,
		apiKey,
		statusOf(notification),
		message,
		subject ?? null,
		JSON.stringify(metadata),
		PRIORITIES.indexOf(priority),
		sendAt ?? null,
		expiresAt ?? null,
		JSON.stringify(notification.fallbacks),
		JSON.stringify(callbacks),
	);
	notification.deliveries.forEach((delivery, position) =>
		insertDelivery(sql, notification, delivery, position),
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
	after.deliveries.forEach((delivery, position) => {
		const old = before.deliveries[position];
		if (!old) insertDelivery(sql, after, delivery, position);
		else if (old !== delivery) updateDelivery(sql, delivery);
	});
}

export function readNotification(sql: Statements, id: string): NotificationRecord | undefined {
	const row = sql.get('SELECT * FROM notifications WHERE id = ?', id);
	if (!row) return undefined;
	const deliveries = sql
		.all('SELECT * FROM deliveries WHERE notification_id = ? ORDER BY position', id)
		.map(toDelivery);
	return {
		notification: {
			id,
			createdAt: Number(row.created_at),
			message: String(row.message),
			subject: optionalText(row.subject),
			metadata: fromJson(row.metadata),
			priority: PRIORITIES[Number(row.priority)] ?? 'normal',
			sendAt: optionalNumber(row.send_at),
			expiresAt: optionalNumber(row.expires_at),
			deliveries,
			fallbacks: fromJson(row.fallbacks),
		},
		status: word(row.status),
		apiKey: String(row.api_key),
		callbacks: fromJson(row.callbacks),
	};
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
	return toPage(rows, limit, (row) => ({
		id: String(row.id),
		status: word(row.status),
		createdAt: Number(row.created_at),
		channels: fromJson(row.channels),
	}));
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

/** Puts a delivery aside that cannot be carried on. */
export function buryDelivery(sql: Statements, id: string): void {
	sql.run('UPDATE deliveries SET due_at = NULL WHERE id = ?', id);
}

/** Makes it due again; false when it has ended or is due. */
export function exhumeDelivery(sql: Statements, id: string, now: number): boolean {
	const { changes } = sql.run(
		`UPDATE deliveries SET due_at = ? WHERE id = ? AND due_at IS NULL
		 AND state NOT IN (SELECT value FROM json_each(?))`,
		now,
		id,
		JSON.stringify([...FINAL_STATES]),
	);
	return changes > 0;
}

function insertDelivery(
	sql: Statements,
	notification: Notification,
	delivery: Delivery,
	position: number,
): void {
	sql.run(
		'INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
		delivery.id,
		notification.id,
		position,
		delivery.role,
		delivery.channel,
		delivery.connection,
		delivery.recipient,
		JSON.stringify(delivery.policy),
		delivery.state,
		JSON.stringify(delivery.attempts),
		delivery.sequence,
		PRIORITIES.indexOf(notification.priority),
		dueAtOf(delivery),
		delivery.report ? JSON.stringify(delivery.report) : null,
		delivery.messageId ?? null,
		delivery.confirmation ?? null,
	);
}

function updateDelivery(sql: Statements, delivery: Delivery): void {
	sql.run(
		`UPDATE deliveries SET policy = ?, state = ?, attempts = ?, sequence = ?, due_at = ?,
		 message_id = ?, confirmation = ? WHERE id = ?`,
		JSON.stringify(delivery.policy),
		delivery.state,
		JSON.stringify(delivery.attempts),
		delivery.sequence,
		dueAtOf(delivery),
		delivery.messageId ?? null,
		delivery.confirmation ?? null,
		delivery.id,
	);
}

const dueAtOf = (delivery: Delivery): number | null =>
	isFinal(delivery) ? null : (delivery.dueAt ?? null);

function toDelivery(row: Row): Delivery {
	const dueAt = optionalNumber(row.due_at);
	const messageId = optionalText(row.message_id);
	const confirmation = optionalText(row.confirmation);
	return {
		id: String(row.id),
		role: word(row.role),
		channel: String(row.channel),
		connection: String(row.connection),
		recipient: String(row.recipient),
		policy: fromJson(row.policy),
		state: word(row.state),
		attempts: fromJson(row.attempts),
		sequence: Number(row.sequence),
		...(dueAt === undefined ? {} : { dueAt }),
		...(row.report === null ? {} : { report: fromJson<ReportRules>(row.report) }),
		...(messageId === undefined ? {} : { messageId }),
		...(confirmation === undefined
			? {}
			: { confirmation: word<'service' | 'device'>(confirmation) }),
	};
}
