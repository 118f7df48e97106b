import type { Sql, Transaction } from '../db/database.ts';

/** The key of the feed's advisory lock: any number that nothing else locks. */
const FEED_LOCK_KEY = 7_383_737_465;

/**
 * The position of the newest event ever published. Pruning starts with the oldest events, so the newest is either in the
 * table or the last that was pruned. A transaction that is rolled back uses up no position: gaps are pruned events only.
 */
export const NEWEST =
	'greatest(feed.pruned_position, (SELECT max(position) FROM sureping.events)) AS newest';

/** Facts about the feed that hold until the transaction ends. Publishing moves `newest` on, so publish once. */
export interface FeedLock {
	/** The position of the feed's newest event. */
	readonly newest: number;
	/** Rises with every change to an endpoint. */
	readonly endpointsVersion: number;
}

/**
 * Locks the feed for writing until the transaction ends. PostgreSQL releases the lock after the commit is visible, so
 * positions are in commit order: a reader who has read up to a position has seen everything before it. A sequence cannot
 * promise that, since overlapping transactions draw numbers from it.
 *
 * The lock is an advisory one, not a row: while an old snapshot is open, such as a backup's, the versions of a row pile up
 * and every lock would walk through them. It is a statement of its own, because a statement sees what was committed before
 * it began, not before it got the lock.
 *
 * Other changes that must be seen in one order take the lock too: changes to endpoints, reports whose message may become
 * known meanwhile, and whatever keeps events from being pruned. To avoid deadlocks, notifications are locked before the
 * feed, never after.
 */
export async function lockFeed(sql: Transaction): Promise<FeedLock> {
	sendFeedLock(sql);
	const [row] = await sql.rows(
		`SELECT endpoints_version, ${NEWEST} FROM sureping.feed WHERE id = 1`,
	);
	if (!row) throw new Error('The feed has no row');
	return { newest: Number(row.newest), endpointsVersion: Number(row.endpoints_version) };
}

/** The newest position that is visible now. Without the feed lock, newer ones may be committed at any moment. */
export async function newestPosition(sql: Sql): Promise<number> {
	const [row] = await sql.rows(`SELECT ${NEWEST} FROM sureping.feed WHERE id = 1`);
	return Number(row?.newest ?? 0);
}

/** Asks for the feed lock without waiting for the answer: statements after it run once it is held. */
export function sendFeedLock(sql: Transaction): void {
	sql.later(`SELECT pg_advisory_xact_lock(${FEED_LOCK_KEY})`);
}
