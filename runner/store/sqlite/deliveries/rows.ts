import { FINAL_STATES } from '@sureping/engine';
import { optionalNumber, type Row } from '../../rows/columns.ts';
import { PRIORITIES, toWaiting, WAITING, type WaitingDelivery } from '../../rows/delivery.ts';
import type { Statements } from '../db/statements.ts';

const COLUMNS = WAITING.join(', ');

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
	const text = `SELECT ${COLUMNS} FROM deliveries
		WHERE lane = ? AND priority = ? AND ${OF_LANE[which]} LIMIT ?`;
	const times = which === 'late' ? [time, time] : [time];
	return sql.all(text, lane, priority, ...times, limit).map(toWaiting);
}

/** Time at which the first policy of a lane ends after `time`. */
export function nextLastAt(sql: Statements, lane: string, time: number): number | undefined {
	const times = PRIORITIES.flatMap((_, priority) => {
		const row = sql.get`SELECT MIN(last_at) AS at FROM deliveries
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
	const text = `SELECT ${COLUMNS} FROM deliveries
		WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`;
	return sql.all(text, now, limit).map(toWaiting);
}

/** Time at which the first of them expires after `time`. */
export function nextExpiryAt(sql: Statements, time: number): number | undefined {
	const row = sql.get`SELECT MIN(expires_at) AS at FROM deliveries WHERE expires_at > ${time}`;
	return optionalNumber(row?.at);
}

/** The first queue with something owed after this one. */
export function nextDeliveryQueue(
	sql: Statements,
	{ lane, priority }: LaneOfPriority,
): (LaneOfPriority & { dueAt: number }) | undefined {
	const row = sql.get`SELECT lane, priority, due_at FROM deliveries
		WHERE due_at IS NOT NULL AND (lane, priority) > (${lane}, ${priority})
		ORDER BY lane, priority, due_at LIMIT 1`;
	return row && { ...laneOfRow(row), dueAt: Number(row.due_at) };
}

/** Stores the start that is reserved for a waiting delivery. */
export function storeReserved(sql: Statements, id: string, at: number): void {
	sql.run`UPDATE deliveries SET due_at = ${at}, turn_at = ${at} WHERE id = ${id} AND due_at IS NOT NULL`;
}

/** Ends the attempts of a delivery. */
export function stopDelivery(sql: Statements, id: string): void {
	sql.run`UPDATE deliveries SET due_at = NULL, last_at = NULL, expires_at = NULL WHERE id = ${id}`;
}

/** Makes a stopped delivery due again; undefined when it has ended or is due. */
export function requeueDelivery(
	sql: Statements,
	id: string,
	now: number,
): LaneOfPriority | undefined {
	const row = sql.get`UPDATE deliveries SET due_at = ${now}, last_at = iif(lane = '', NULL, ${now})
		WHERE id = ${id} AND due_at IS NULL
		AND state NOT IN (SELECT value FROM json_each(${JSON.stringify([...FINAL_STATES])}))
		RETURNING lane, priority`;
	return row && laneOfRow(row);
}

const laneOfRow = ({ lane, priority }: Row): LaneOfPriority => ({
	lane: String(lane),
	priority: Number(priority),
});
