import type { Delivery, Notification, NotificationStatus, ReportRules } from '@sureping/engine';
import { isFinal, statusOf } from '@sureping/engine';
import type { Callback, NotificationSummary } from '../store.ts';
import { fromJson, type NewRow, optionalNumber, optionalText, type Row, word } from './columns.ts';

/** Critical before normal, in the order of the index that claims read. */
export const PRIORITIES = ['critical', 'normal'] as const;

/** A notification as it is kept. */
export interface NotificationRecord {
	readonly notification: Notification;
	readonly status: NotificationStatus;
	readonly apiKey: string;
	readonly callbacks: readonly Callback[];
}

export function notificationRow(
	notification: Notification,
	apiKey: string,
	callbacks: readonly Callback[],
): NewRow {
	const { id, createdAt, message, subject, metadata, priority, sendAt, expiresAt } = notification;
	return {
		id,
		created_at: createdAt,
		api_key: apiKey,
		status: statusOf(notification),
		message,
		subject: subject ?? null,
		metadata: JSON.stringify(metadata),
		priority: PRIORITIES.indexOf(priority),
		send_at: sendAt ?? null,
		expires_at: expiresAt ?? null,
		fallbacks: JSON.stringify(notification.fallbacks),
		callbacks: JSON.stringify(callbacks),
	};
}

/** `deliveries` are its rows by position. */
export function toRecord(row: Row, deliveries: readonly Row[]): NotificationRecord {
	return {
		notification: {
			id: String(row.id),
			createdAt: Number(row.created_at),
			message: String(row.message),
			subject: optionalText(row.subject),
			metadata: fromJson(row.metadata),
			priority: PRIORITIES[Number(row.priority)] ?? 'normal',
			sendAt: optionalNumber(row.send_at),
			expiresAt: optionalNumber(row.expires_at),
			deliveries: deliveries.map(toDelivery),
			fallbacks: fromJson(row.fallbacks),
		},
		status: word(row.status),
		apiKey: String(row.api_key),
		callbacks: fromJson(row.callbacks),
	};
}

/** `channels` is a JSON list. */
export function toSummary(row: Row): NotificationSummary {
	return {
		id: String(row.id),
		status: word(row.status),
		createdAt: Number(row.created_at),
		channels: fromJson(row.channels),
	};
}

export function deliveryRow(
	notification: Notification,
	delivery: Delivery,
	position: number,
): NewRow {
	return {
		...deliveryChanges(delivery),
		notification_id: notification.id,
		position,
		role: delivery.role,
		channel: delivery.channel,
		connection: delivery.connection,
		recipient: delivery.recipient,
		priority: PRIORITIES.indexOf(notification.priority),
		report: delivery.report ? JSON.stringify(delivery.report) : null,
	};
}

/** What a transition may change of a delivery, with its id. */
export function deliveryChanges(delivery: Delivery): NewRow {
	return {
		id: delivery.id,
		policy: JSON.stringify(delivery.policy),
		state: delivery.state,
		attempts: JSON.stringify(delivery.attempts),
		sequence: delivery.sequence,
		due_at: isFinal(delivery) ? null : (delivery.dueAt ?? null),
		message_id: delivery.messageId ?? null,
		confirmation: delivery.confirmation ?? null,
	};
}

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

/** The deliveries of `after` that are not the same object as before: new ones, and those that changed. */
export function changedDeliveries(
	before: Notification,
	after: Notification,
): { readonly added: readonly [Delivery, number][]; readonly changed: readonly Delivery[] } {
	const added: [Delivery, number][] = [];
	const changed: Delivery[] = [];
	after.deliveries.forEach((delivery, position) => {
		const old = before.deliveries[position];
		if (!old) added.push([delivery, position]);
		else if (old !== delivery) changed.push(delivery);
	});
	return { added, changed };
}
