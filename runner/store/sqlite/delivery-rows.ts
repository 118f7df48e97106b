import {
	type Delivery,
	FINAL_STATES,
	isFinal,
	type Notification,
	type ReportRules,
	timeLeft,
} from '@sureping/engine';
import { fromJson, optionalNumber, optionalText, type Row, word } from './columns.ts';
import type { Statements } from './statements.ts';

/** Critical before normal, in the order in which they are claimed. */
export const PRIORITIES = ['critical', 'normal'] as const;

/** What a delivery waits in line for: its connection, or '' while it waits for a report. */
export function laneOf({ channel, connection, state }: Delivery): string {
	return state === 'sent' ? '' : `${channel}:${connection}`;
}

/** A delivery that is owed something, as far as claims need to know it. */
export interface WaitingDelivery {
	readonly id: string;
	readonly notificationId: string;
	readonly lane: string;
	/** An index of `PRIORITIES`. */
	readonly priority: number;
	readonly recipient: string;
	readonly dueAt: number;
	/** When its recipient's turn is, once that is settled. */
	readonly turnAt: number | undefined;
}

const WAITING = 'id, notification_id, lane, priority, recipient, due_at, turn_at';

/** Of one lane, the longest due first, due or not. */
export function waitingDeliveries(
	sql: Statements,
	lane: string,
	priority: number,
	limit: number,
): readonly WaitingDelivery[] {
	return sql
		.all(
			`SELECT ${WAITING} FROM deliveries
			 WHERE due_at IS NOT NULL AND lane = ? AND priority = ? ORDER BY due_at LIMIT ?`,
			lane,
			priority,
			limit,
		)
		.map(toWaiting);
}

/** Of one lane, those whose policy ends: its last attempt is due. */
export function lastRows(
	sql: Statements,
	lane: string,
	priority: number,
	now: number,
	limit: number,
): readonly WaitingDelivery[] {
	return sql
		.all(
			`SELECT ${WAITING} FROM deliveries
			 WHERE lane = ? AND priority = ? AND last_at <= ? ORDER BY last_at LIMIT ?`,
			lane,
			priority,
			now,
			limit,
		)
		.map(toWaiting);
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

/** Those that wait for an attempt although their notification has expired. */
export function expiringRows(
	sql: Statements,
	now: number,
	limit: number,
): readonly WaitingDelivery[] {
	return sql
		.all(
			`SELECT ${WAITING} FROM deliveries WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`,
			now,
			limit,
		)
		.map(toWaiting);
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

/** Stores when a waiting delivery's recipient has its turn. */
export function storeTurn(sql: Statements, id: string, at: number): void {
	sql.run(
		'UPDATE deliveries SET due_at = ?, turn_at = ? WHERE id = ? AND due_at IS NOT NULL',
		at,
		at,
		id,
	);
}

/** Puts a delivery aside that cannot be carried on. */
export function buryDelivery(sql: Statements, id: string): void {
	sql.run(
		'UPDATE deliveries SET due_at = NULL, last_at = NULL, expires_at = NULL WHERE id = ?',
		id,
	);
}

/** Makes it due again; undefined when it has ended or is due. */
export function exhumeDelivery(
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
	const { dueAt, lane, lastAt, expiresAt } = owedTo(notification, delivery);
	sql.run(
		`INSERT INTO deliveries
		 (id, notification_id, position, role, channel, connection, recipient, policy, state, attempts, sequence,
		  priority, due_at, report, message_id, confirmation, lane, last_at, expires_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
		dueAt,
		delivery.report ? JSON.stringify(delivery.report) : null,
		delivery.messageId ?? null,
		delivery.confirmation ?? null,
		lane,
		lastAt,
		expiresAt,
	);
}

export function updateDelivery(
	sql: Statements,
	notification: Notification,
	delivery: Delivery,
): void {
	const { dueAt, lane, lastAt, expiresAt } = owedTo(notification, delivery);
	sql.run(
		`UPDATE deliveries SET policy = ?, state = ?, attempts = ?, sequence = ?, due_at = ?,
		 message_id = ?, confirmation = ?, lane = ?, last_at = ?, expires_at = ?, turn_at = NULL WHERE id = ?`,
		JSON.stringify(delivery.policy),
		delivery.state,
		JSON.stringify(delivery.attempts),
		delivery.sequence,
		dueAt,
		delivery.messageId ?? null,
		delivery.confirmation ?? null,
		lane,
		lastAt,
		expiresAt,
		delivery.id,
	);
}

/** When what is to happen; all of it null once nothing is. */
function owedTo(
	notification: Notification,
	delivery: Delivery,
): Record<'dueAt' | 'lastAt' | 'expiresAt', number | null> & { lane: string } {
	const dueAt = isFinal(delivery) ? null : (delivery.dueAt ?? null);
	const lane = laneOf(delivery);
	if (dueAt === null || lane === '') return { dueAt, lane, lastAt: null, expiresAt: null };
	const lastAt = dueAt + timeLeft(delivery.policy, delivery.attempts.length);
	return { dueAt, lane, lastAt, expiresAt: notification.expiresAt ?? null };
}

export function toDelivery(row: Row): Delivery {
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

function toWaiting(row: Row): WaitingDelivery {
	return {
		id: String(row.id),
		notificationId: String(row.notification_id),
		lane: String(row.lane),
		priority: Number(row.priority),
		recipient: String(row.recipient),
		dueAt: Number(row.due_at),
		turnAt: optionalNumber(row.turn_at),
	};
}
