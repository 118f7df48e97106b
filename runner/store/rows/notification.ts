import {
	type Delivery,
	type Notification,
	type NotificationStatus,
	type Source,
	statusOf,
} from '@sureping/engine';
import type { NotificationSummary } from '../contract/notifications.ts';
import type { Callback } from '../contract/sends.ts';
import {
	fromJson,
	type NewRow,
	optionalJson,
	optionalNumber,
	optionalText,
	type Row,
	word,
} from './columns.ts';
import { PRIORITIES, toDelivery } from './delivery.ts';

/** The API key that a notification was sent with, and the callbacks that its send named. */
export interface NotificationOrigin {
	readonly apiKey: string;
	readonly callbacks: readonly Callback[];
}

/** A notification as it is stored. */
export interface NotificationRecord extends NotificationOrigin {
	readonly notification: Notification;
	readonly status: NotificationStatus;
}

export function notificationRow(
	notification: Notification,
	apiKey: string,
	callbacks: readonly Callback[],
): NewRow {
	const { createdAt, message, subject, metadata, source, depth, incidentId } = notification;
	const { priority, sendAt, expiresAt } = notification;
	return {
		...notificationChanges(notification),
		created_at: createdAt,
		api_key: apiKey,
		message,
		subject: subject ?? null,
		metadata: JSON.stringify(metadata),
		priority: PRIORITIES.indexOf(priority),
		send_at: sendAt ?? null,
		expires_at: expiresAt ?? null,
		callbacks: JSON.stringify(callbacks),
		source: optionalJson(source),
		depth,
		incident_id: incidentId ?? null,
	};
}

/** The columns of a notification that a transition may change, with its id. */
export function notificationChanges(notification: Notification): NewRow {
	const { id, fallbacks, published } = notification;
	return {
		id,
		status: statusOf(notification),
		fallbacks: JSON.stringify(fallbacks),
		told: published.length === 0 ? null : JSON.stringify(published),
	};
}

/** `deliveries` are its rows by position. */
export function toRecord(row: Row, deliveries: readonly Row[]): NotificationRecord {
	return recordOf(row, deliveries.map(toDelivery));
}

export function recordOf(row: Row, deliveries: readonly Delivery[]): NotificationRecord {
	return {
		notification: {
			id: String(row.id),
			createdAt: Number(row.created_at),
			message: String(row.message),
			subject: optionalText(row.subject),
			metadata: fromJson(row.metadata),
			source: row.source === null ? undefined : fromJson<Source>(row.source),
			depth: Number(row.depth),
			incidentId: optionalText(row.incident_id),
			priority: PRIORITIES[Number(row.priority)] ?? 'normal',
			sendAt: optionalNumber(row.send_at),
			expiresAt: optionalNumber(row.expires_at),
			deliveries,
			fallbacks: fromJson(row.fallbacks),
			published: row.told === null ? [] : fromJson(row.told),
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
