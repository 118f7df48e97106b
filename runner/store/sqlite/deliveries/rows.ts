import { type Delivery, FINAL_STATES, type Notification } from '@sureping/engine';
import { optionalNumber } from '../../rows/columns.ts';
import {
	deliveryChanges,
	deliveryRow,
	PRIORITIES,
	toWaiting,
	WAITING,
	type WaitingDelivery,
} from '../../rows/delivery.ts';
import type { Statements } from '../db/statements.ts';

const COLUMNS = WAITING.join(', ');

function waitingRows(
	sql: Statements,
	which: string,
	...values: readonly (string | number)[]
): readonly WaitingDelivery[] {
	return sql.all(`SELECT ${COLUMNS} FROM deliveries ${which}`, ...values).map(toWaiting);
}

/** Deliveries of one lane, the longest due first, due or not, and none that is due before `from`. */
export function waitingDeliveries(
	sql: Statements,
	lane: string,
	priority: number,
	from: number,
	limit: number,
): readonly WaitingDelivery[] {
	return waitingRows(
		sql,
		'WHERE lane = ? AND priority = ? AND due_at >= ? ORDER BY due_at LIMIT ?',
		lane,
		priority,
		from,
		limit,
	);
}

/** Deliveries of one lane whose last attempt is due. */
export function lastRows(
	sql: Statements,
	lane: string,
	priority: number,
	now: number,
	limit: number,
): readonly WaitingDelivery[] {
	return waitingRows(
		sql,
		'WHERE lane = ? AND priority = ? AND last_at <= ? ORDER BY last_at LIMIT ?',
		lane,
		priority,
		now,
		limit,
	);
}

/** Deliveries of one lane whose last attempt was due at `time` or before and which have no later start reserved. */
export function lateRows(
	sql: Statements,
	lane: string,
	priority: number,
	time: number,
	limit: number,
): readonly WaitingDelivery[] {
	return waitingRows(
		sql,
		'WHERE lane = ? AND priority = ? AND last_at <= ? AND due_at <= ? ORDER BY last_at LIMIT ?',
		lane,
		priority,
		time,
		time,
		limit,
	);
}

/** When the first policy of a lane ends after `time`. */
export function nextLastAt(sql: Statements, lane: string, time: number): number | undefined {
	const times = PRIORITIES.flatMap((_, priority) => {
		const row = sql.get(
			'SELECT MIN(last_at) AS at FROM deliveries WHERE lane = ? AND priority = ? AND last_at > ?',
			lane,
			priority,
			time,
		);
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
	return waitingRows(sql, 'WHERE expires_at <= ? ORDER BY expires_at LIMIT ?', now, limit);
}

/** When the first of them expires after `time`. */
export function nextExpiryAt(sql: Statements, time: number): number | undefined {
	const row = sql.get('SELECT MIN(expires_at) AS at FROM deliveries WHERE expires_at > ?', time);
	return optionalNumber(row?.at);
}

/** The first queue with something owed after this one. */
export function nextDeliveryQueue(
	sql: Statements,
	lane: string,
	priority: number,
): { lane: string; priority: number; dueAt: number } | undefined {
	const row = sql.get(
		`SELECT lane, priority, due_at FROM deliveries
		 WHERE due_at IS NOT NULL AND (lane, priority) > (?, ?) ORDER BY lane, priority, due_at LIMIT 1`,
		lane,
		priority,
	);
	return (
		row && { lane: String(row.lane), priority: Number(row.priority), dueAt: Number(row.due_at) }
	);
}

/** Stores the start that is reserved for a waiting delivery. */
export function storeReserved(sql: Statements, id: string, at: number): void {
	sql.run(
		'UPDATE deliveries SET due_at = ?, turn_at = ? WHERE id = ? AND due_at IS NOT NULL',
		at,
		at,
		id,
	);
}

/** Ends the attempts of a delivery. */
export function stopDelivery(sql: Statements, id: string): void {
	sql.run(
		'UPDATE deliveries SET due_at = NULL, last_at = NULL, expires_at = NULL WHERE id = ?',
		id,
	);
}

/** Makes a stopped delivery due again; undefined when it has ended or is due. */
export function requeueDelivery(
	sql: Statements,
	id: string,
	now: number,
): { lane: string; priority: number } | undefined {
	const row = sql.get(
		`UPDATE deliveries SET due_at = ?, last_at = iif(lane = '', NULL, ?) WHERE id = ? AND due_at IS NULL
		 AND state NOT IN (SELECT value FROM json_each(?)) RETURNING lane, priority`,
		now,
		now,
		id,
		JSON.stringify([...FINAL_STATES]),
	);
	return row && { lane: String(row.lane), priority: Number(row.priority) };
}

export function insertDelivery(
	sql: Statements,
	notification: Notification,
	delivery: Delivery,
	position: number,
): void {
	sql.insert('deliveries', deliveryRow(notification, delivery, position));
}

export function updateDelivery(
	sql: Statements,
	notification: Notification,
	delivery: Delivery,
): void {
	sql.update('deliveries', deliveryChanges(notification, delivery));
}
