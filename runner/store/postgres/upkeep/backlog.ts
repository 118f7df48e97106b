import { type Backlog, MOST_COUNTED } from '../../contract/upkeep.ts';
import { toBacklog } from '../../rows/backlog.ts';
import { type Database, LONG } from '../db/database.ts';

/** Counts in the indexes of claimable and of claimed rows, and in those of the states of webhooks. */
export async function countBacklog(database: Database): Promise<Backlog> {
	const count = (table: 'deliveries' | 'webhook_deliveries'): string =>
		`((SELECT count(*) FROM sureping.${table} WHERE due_at IS NOT NULL AND owner IS NULL)
		 + (SELECT count(*) FROM sureping.${table} WHERE due_at IS NOT NULL AND owner IS NOT NULL))`;
	const inState = (state: 'held' | 'exhausted'): string => `(SELECT count(*) FROM (
		SELECT 1 FROM sureping.webhook_deliveries WHERE state = '${state}' LIMIT ${MOST_COUNTED}
	) AS w) AS ${state}`;
	const [row] = await database.rows(
		`SELECT ${count('deliveries')} AS deliveries, ${count('webhook_deliveries')} AS webhooks,
		 (SELECT min(owed_since) FROM sureping.deliveries WHERE due_at IS NOT NULL AND lane <> '')
		 AS deliveries_since,
		 (SELECT min(id) FROM sureping.webhook_deliveries WHERE state = 'pending') AS oldest_webhook,
		 ${inState('held')}, ${inState('exhausted')},
		 (SELECT count(*) FROM sureping.dead_letters) AS dead_letters`,
		[],
		LONG,
	);
	return toBacklog(row);
}
