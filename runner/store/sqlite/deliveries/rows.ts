import type { Delivery, Notification } from '@sureping/engine';
import { owedSince } from '../../../metrics/time-to-delivered.ts';
import { optionalNumber, type Row } from '../../rows/columns.ts';
import { owedTo, PRIORITIES, toWaiting, type WaitingDelivery } from '../../rows/delivery.ts';
import type { Statements } from '../db/statements.ts';

/** Those that `toWaiting` reads. */
const COLUMNS = 'id, notification_id, lane, priority, recipient, due_at, reserved_at AS turn_at';

/** Writes the row of a delivery that has not ended, new or changed. A start that was reserved for it is over. */
export function writeDelivery(
	sql: Statements,
	notification: Notification,
	delivery: Delivery,
): void {
	const { lane, due_at, last_at, expires_at } = owedTo(notification, delivery);
	sql.run(
		`INSERT INTO deliveries_due (notification_id, id, lane, priority, due_at, recipient, last_at, expires_at, owed_since)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT DO UPDATE SET lane = excluded.lane, due_at = excluded.due_at, last_at = excluded.last_at,
			expires_at = excluded.expires_at, reserved_at = NULL`,
		notification.id,
		delivery.id,
		lane,
		PRIORITIES.indexOf(notification.priority),
		due_at,
		delivery.recipient,
		last_at,
		expires_at,
		owedSince(notification),
	);
}

/** Removes the row of a delivery that has ended. */
export function endDelivery(sql: Statements, notificationId: string, id: string): void {
	sql.run('DELETE FROM deliveries_due WHERE notification_id = ? AND id = ?', notificationId, id);
}

/** The due times of a notification's deliveries, by their ids. */
export function dueTimesOf(sql: Statements, notificationId: string): ReadonlyMap<string, number> {
	const rows = sql.all`SELECT id, due_at FROM deliveries_due
		WHERE notification_id = ${notificationId} AND due_at IS NOT NULL`;
	return new Map(rows.map(({ id, due_at }) => [String(id), Number(due_at)]));
}

/** Deliveries through one connection, with one priority. */
export interface LaneOfPriority {
	readonly lane: string;
	/** An index of `PRIORITIES`. */
	readonly priority: number;
}

/** The rows of a lane by a time, which is each `?`: numbered parameters cannot be bound before Node 24.7. */
const OF_LANE = {
	/** The longest due first, due or not, and none that is due before the time. */
	waiting: 'due_at >= ? ORDER BY due_at',
	/** Rows whose policy ends: their last attempt is due at the time. */
	last: 'last_at <= ? ORDER BY last_at',
	/** Rows whose last attempt was due at the time or before and which have no later start reserved. */
	late: 'last_at <= ? AND due_at <= ? ORDER BY last_at',
};

export function laneRows(
	sql: Statements,
	which: keyof typeof OF_LANE,
	{ lane, priority }: LaneOfPriority,
	time: number,
	limit: number,
): readonly WaitingDelivery[] {
	const text = `SELECT ${COLUMNS} FROM deliveries_due
		WHERE lane = ? AND priority = ? AND ${OF_LANE[which]} LIMIT ?`;
	const times = which === 'late' ? [time, time] : [time];
	return sql.all(text, lane, priority, ...times, limit).map(toWaiting);
}

/** Time at which the first policy of a lane ends after `time`. */
export function nextLastAt(sql: Statements, lane: string, time: number): number | undefined {
	const times = PRIORITIES.flatMap((_, priority) => {
		const row = sql.get`SELECT MIN(last_at) AS at FROM deliveries_due
			WHERE lane = ${lane} AND priority = ${priority} AND last_at > ${time}`;
		return optionalNumber(row?.at) ?? [];
	});
	return times.length > 0 ? Math.min(...times) : undefined;
}

/** Deliveries that wait for an attempt although their notification has expired. */
export function expiringRows(
	sql: Statements,
	now: number,
	limit: number,
): readonly WaitingDelivery[] {
	const text = `SELECT ${COLUMNS} FROM deliveries_due
		WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`;
	return sql.all(text, now, limit).map(toWaiting);
}

/** Time at which the first of them expires after `time`. */
export function nextExpiryAt(sql: Statements, time: number): number | undefined {
	const row = sql.get`SELECT MIN(expires_at) AS at FROM deliveries_due WHERE expires_at > ${time}`;
	return optionalNumber(row?.at);
}

/** The first queue with something owed after this one. */
export function nextDeliveryQueue(
	sql: Statements,
	{ lane, priority }: LaneOfPriority,
): (LaneOfPriority & { dueAt: number }) | undefined {
	const row = sql.get`SELECT lane, priority, due_at FROM deliveries_due
		WHERE due_at IS NOT NULL AND (lane, priority) > (${lane}, ${priority})
		ORDER BY lane, priority, due_at LIMIT 1`;
	return row && { ...laneOfRow(row), dueAt: Number(row.due_at) };
}

/** Stores the start that is reserved for a waiting delivery. */
export function storeReserved(
	sql: Statements,
	id: string,
	{ notificationId, at }: { readonly notificationId: string; readonly at: number },
): void {
	sql.run`UPDATE deliveries_due SET due_at = ${at}, reserved_at = ${at}
		WHERE notification_id = ${notificationId} AND id = ${id} AND due_at IS NOT NULL`;
}

/** Ends the attempts of a delivery. Without the id of its notification all rows are searched. */
export function stopDelivery(sql: Statements, id: string, notificationId?: string): void {
	const of =
		notificationId ??
		sql.get`SELECT notification_id FROM deliveries_due WHERE id = ${id}`?.notification_id ??
		null;
	sql.run`UPDATE deliveries_due SET due_at = NULL, last_at = NULL, expires_at = NULL
		WHERE notification_id = ${of} AND id = ${id}`;
}

/** Makes a stopped delivery due again; undefined when it has ended or is due. */
export function requeueDelivery(
	sql: Statements,
	id: string,
	now: number,
): LaneOfPriority | undefined {
	const row = sql.get`UPDATE deliveries_due SET due_at = ${now}, last_at = iif(lane = '', NULL, ${now})
		WHERE id = ${id} AND due_at IS NULL RETURNING lane, priority`;
	return row && laneOfRow(row);
}

const laneOfRow = ({ lane, priority }: Row): LaneOfPriority => ({
	lane: String(lane),
	priority: Number(priority),
});
