import { BrokenRow, StoreUnavailable } from '../../contract/errors.ts';
import type { Broken } from '../../rows/broken-row.ts';
import { toOwed } from '../../rows/owed.ts';
import { laneOf } from '../../rules/webhook-lanes.ts';
import { refusalOf } from '../db/group-commit.ts';
import type { Statements } from '../db/statements.ts';
import type { Scope } from '../scope.ts';
import { insertFresh } from './rows.ts';

/** Rows in one transaction: few enough that requests hardly wait for it. */
const STORED_TOGETHER = 1_000;

/** Gives every fresh webhook delivery a row, or those of one lane, so that a rule that reads rows finds it. */
export async function storeFresh(
	{ commits, webhookClaims }: Pick<Scope, 'commits' | 'webhookClaims'>,
	lane?: string,
): Promise<void> {
	// Those that come meanwhile are not waited for.
	for (let left = webhookClaims.freshCount; left > 0; left -= STORED_TOGETHER) {
		await commits.run(() => webhookClaims.store(lane, STORED_TOGETHER));
	}
}

/** The same for a list, which shows the rows that there are while the store cannot write. */
export async function storeFreshIfPossible(
	scope: Pick<Scope, 'commits' | 'webhookClaims'>,
): Promise<void> {
	try {
		await storeFresh(scope);
	} catch (error) {
		if (!(error instanceof StoreUnavailable)) throw error;
	}
}

/** The end of the feed at the start, and the events whose webhook deliveries cannot be read. */
interface Start {
	readonly newest: number;
	readonly broken: readonly Broken[];
}

/**
 * Gives a row to each webhook delivery that was fresh when the process ended, however it ended: the events after the settled
 * position name them. Throws a `StoreUnavailable` while the disk is full or the file is locked.
 */
export function storeOwed(sql: Statements): Start {
	try {
		const { settled, newest } = positions(sql);
		const broken = settled === newest ? [] : storeOwedAfter(sql, settled, newest);
		return { newest, broken };
	} catch (error) {
		// A damaged database is opened all the same: it is not written to, and the runner says what is wrong.
		if (error instanceof StoreUnavailable) return { newest: 0, broken: [] };
		throw refusalOf(error) ?? error;
	}
}

function positions(sql: Statements): { readonly settled: number; readonly newest: number } {
	const row = sql.get`SELECT settled_position, max(pruned_position,
		coalesce((SELECT max(position) FROM events), 0)) AS newest FROM feed WHERE id = 1`;
	return { settled: Number(row?.settled_position ?? 0), newest: Number(row?.newest ?? 0) };
}

function storeOwedAfter(sql: Statements, settled: number, newest: number): readonly Broken[] {
	const broken: Broken[] = [];
	sql.run('BEGIN IMMEDIATE');
	try {
		insertOwed(sql, settled, broken);
		sql.run`UPDATE feed SET settled_position = ${newest} WHERE id = 1`;
		sql.run('COMMIT');
	} catch (error) {
		sql.run('ROLLBACK');
		throw error;
	}
	return broken;
}

function insertOwed(sql: Statements, settled: number, broken: Broken[]): void {
	for (const event of sql.all`SELECT position, id, owed, created_at FROM events
		WHERE position > ${settled} AND owed IS NOT NULL ORDER BY position`) {
		try {
			for (const { id, endpoint = '', callback } of toOwed(event.owed)) {
				const to = callback ? { callback } : { endpoint: { id: endpoint } };
				const [position, dueAt] = [Number(event.position), Number(event.created_at)];
				insertFresh(sql, { id, to, lane: laneOf(to), position, dueAt });
			}
		} catch (error) {
			if (!(error instanceof BrokenRow)) throw error;
			broken.push({ id: String(event.id), error });
		}
	}
}
