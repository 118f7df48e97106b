import { optionalNumber, type Row } from '../../rows/columns.ts';
import { PRIORITIES, toWaiting, WAITING, type WaitingDelivery } from '../../rows/delivery.ts';
import type { Share } from '../../rules/delivery-shares.ts';
import type { Queue } from '../../rules/fair-shares.ts';
import type { Sql } from '../db/database.ts';
import { LIMITS, sharedTime } from '../db/shared-limits.ts';
import { valuesOf } from '../db/write-rows.ts';

/**
 * Claims the rows `taken` for the process `$n`. By an array of their ids: the planner does not know the limit, expects a
 * join to find a tenth of the table, and reads all of it.
 */
const claimTaken = (n: number): string =>
	`UPDATE sureping.deliveries d SET owner = $${n} WHERE d.id = ANY (ARRAY(SELECT id FROM taken))
	 RETURNING ${WAITING.map((column) => `d.${column}`).join(', ')}`;

/**
 * Reads every queue with something to take, each found by one step in the index. A row has the shared limits of its lane,
 * and as `now` the time on the clock that those limits use.
 */
export async function readQueues(sql: Sql, sharedNow: number | null): Promise<readonly Row[]> {
	const first = (more: string): string =>
		`SELECT lane, priority, due_at FROM sureping.deliveries d
		 WHERE due_at IS NOT NULL AND owner IS NULL ${more} ORDER BY lane, priority, due_at LIMIT 1`;
	return await sql.rows(
		`WITH RECURSIVE queues AS (
			(${first('')})
			UNION ALL
			SELECT n.lane, n.priority, n.due_at FROM queues q,
			LATERAL (${first('AND (d.lane, d.priority) > (q.lane, q.priority)')}) n
		 ) SELECT q.lane, q.priority, q.due_at, ${LIMITS}, ${sharedTime(1)} AS now
		 FROM queues q LEFT JOIN sureping.connection_limits l ON l.lane = q.lane`,
		[sharedNow],
	);
}

/**
 * The first time after `time` at which an unclaimed delivery expires, or a policy ends in one of `lanes`; else Infinity.
 */
export async function nextEndAt(sql: Sql, time: number, lanes: readonly string[]): Promise<number> {
	const [row] = await sql.rows(
		`SELECT (SELECT min(expires_at) FROM sureping.deliveries
			WHERE expires_at > $1::bigint AND owner IS NULL) AS expires_at,
		 (SELECT min(l.last_at) FROM unnest($2::text[]) AS u (lane), unnest($3::integer[]) AS p (priority),
			LATERAL (SELECT min(last_at) AS last_at FROM sureping.deliveries d
				WHERE last_at IS NOT NULL AND owner IS NULL AND d.lane = u.lane
				AND d.priority = p.priority AND last_at > $1::bigint) l) AS last_at`,
		[time, lanes, [...PRIORITIES.keys()]],
	);
	const times = [row?.expires_at, row?.last_at].map((at) => optionalNumber(at) ?? Infinity);
	return Math.min(...times);
}

/** Claims deliveries whose notification has expired. */
export async function claimExpired(
	sql: Sql,
	now: number,
	limit: number,
	owner: string,
): Promise<readonly WaitingDelivery[]> {
	const rows = await sql.rows(
		`WITH taken AS MATERIALIZED (
			SELECT id FROM sureping.deliveries
			WHERE expires_at IS NOT NULL AND owner IS NULL AND expires_at <= $1::bigint
			ORDER BY expires_at LIMIT $2::integer FOR UPDATE SKIP LOCKED
		 ) ${claimTaken(3)}`,
		[now, limit, owner],
	);
	return rows.map(toWaiting);
}

/** Claims deliveries of paused queues whose last attempt was due at `tooLate` or before. */
export async function claimTooLate(
	sql: Sql,
	paused: readonly (Omit<Queue, 'due'> & { readonly tooLate: number })[],
	limit: number,
	owner: string,
): Promise<readonly WaitingDelivery[]> {
	const rows = await sql.rows(
		`WITH taken AS MATERIALIZED (
			SELECT d.id FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS u (lane, priority, at),
			LATERAL (
				SELECT id FROM sureping.deliveries d
				WHERE last_at IS NOT NULL AND owner IS NULL AND d.lane = u.lane
				AND d.priority = u.priority AND last_at <= u.at AND due_at <= u.at
				ORDER BY last_at LIMIT $4::integer FOR UPDATE SKIP LOCKED
			) d LIMIT $4::integer
		 ) ${claimTaken(5)}`,
		[...valuesOf(['lane', 'priority', 'tooLate'], paused), limit, owner],
	);
	return rows.map(toWaiting);
}

/** Claims the deliveries that shares ask for. `lasts` are the ids of those at the end of their policy. */
export async function claimShares(
	sql: Sql,
	shares: readonly Share[],
	now: number,
	owner: string,
): Promise<{ readonly rows: readonly WaitingDelivery[]; readonly lasts: ReadonlySet<string> }> {
	const taken = (at: 'due_at' | 'last_at', most: string): string =>
		`SELECT d.id FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[])
			AS u (lane, priority, due, last),
		 LATERAL (
			SELECT id FROM sureping.deliveries d
			WHERE ${at} IS NOT NULL AND owner IS NULL AND d.lane = u.lane AND d.priority = u.priority
			AND ${at} <= $5::bigint ORDER BY ${at} LIMIT ${most} FOR UPDATE SKIP LOCKED
		 ) d`;
	const wanted = shares.map(({ queue, due, last }) => ({ ...queue, due, last }));
	const rows = await sql.rows(
		`WITH due AS MATERIALIZED (${taken('due_at', 'u.due')}),
		 last AS MATERIALIZED (${taken('last_at', 'u.last')}),
		 taken AS (SELECT id FROM last UNION SELECT id FROM due)
		 ${claimTaken(6)}, d.id = ANY (ARRAY(SELECT id FROM last)) AS is_last`,
		[...valuesOf(['lane', 'priority', 'due', 'last'], wanted), now, owner],
	);
	const lasts = rows.filter(({ is_last }) => is_last).map(({ id }) => String(id));
	return { rows: rows.map(toWaiting), lasts: new Set(lasts) };
}

/** Gives back claimed rows that were not chosen. Some have a later due time, set by the rate of their recipient. */
export async function putBack(
	sql: Sql,
	rows: readonly WaitingDelivery[],
	owner: string,
): Promise<void> {
	if (rows.length === 0) return;
	await sql.rows(
		`UPDATE sureping.deliveries d SET owner = NULL, due_at = u.due_at, turn_at = u.turn_at
		 FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (id, due_at, turn_at)
		 WHERE d.id = u.id AND d.owner = $4 AND d.due_at IS NOT NULL`,
		[...valuesOf(['id', 'dueAt', 'reservedFor'], rows), owner],
	);
}
