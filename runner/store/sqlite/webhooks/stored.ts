import type { Broken } from '../../rows/broken-row.ts';
import { toOwed } from '../../rows/owed.ts';
import { laneOf } from '../../rules/webhook-lanes.ts';
import type { Statements } from '../db/statements.ts';
import type { Scope } from '../scope.ts';
import { insertFresh } from './rows.ts';

/** Gives every fresh webhook delivery a row, or those of one lane, so that a rule or a list that reads rows finds it. */
export async function storeFresh(
	{ commits, webhookClaims }: Pick<Scope, 'commits' | 'webhookClaims'>,
	lane?: string,
): Promise<void> {
	if (webhookClaims.freshCount > 0) await commits.run(() => webhookClaims.store(lane));
}

/**
 * Gives a row to each webhook delivery that was fresh when the process ended, however it ended: the events after the settled
 * position name them. Returns the newest position, and the events that cannot be read.
 */
export function storeOwed(sql: Statements): {
	readonly newest: number;
	readonly broken: readonly Broken[];
} {
	const broken: Broken[] = [];
	const row = sql.get`SELECT settled_position AS settled,
		max(pruned_position, coalesce((SELECT max(position) FROM events), 0)) AS newest FROM feed WHERE id = 1`;
	const settled = Number(row?.settled ?? 0);
	const newest = Number(row?.newest ?? 0);
	if (settled === newest) return { newest, broken };
	sql.run('BEGIN IMMEDIATE');
	for (const event of sql.all`SELECT position, id, owed, created_at FROM events
		WHERE position > ${settled} AND owed IS NOT NULL ORDER BY position`) {
		try {
			for (const { id, endpoint = '', callback } of toOwed(event.owed)) {
				const to = callback ? { callback } : { endpoint: { id: endpoint } };
				const [position, dueAt] = [Number(event.position), Number(event.created_at)];
				insertFresh(sql, { id, to, lane: laneOf(to), position, dueAt });
			}
		} catch (error) {
			broken.push({ id: String(event.id), error });
		}
	}
	sql.run`UPDATE feed SET settled_position = ${newest} WHERE id = 1`;
	sql.run('COMMIT');
	return { newest, broken };
}
