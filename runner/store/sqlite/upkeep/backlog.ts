import { toBacklog } from '../../rows/backlog.ts';
import { type Backlog, MOST_COUNTED } from '../../contract/upkeep.ts';
import type { Reader } from '../db/reader.ts';

/**
 * Counts in the indexes of owed rows and of the states of webhooks; the oldest webhook is the first in its index. It goes
 * before lists, since backpressure waits for it.
 */
export async function countBacklog(reader: Reader): Promise<Backlog> {
	const inState = (state: 'held' | 'exhausted'): string => `(SELECT count(*) FROM (
		SELECT 1 FROM webhook_deliveries WHERE state = '${state}' LIMIT ${MOST_COUNTED})) AS ${state}`;
	const sql = `SELECT
		deliveries.count AS deliveries, deliveries.since AS deliveries_since,
		(SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL) AS webhooks,
		(SELECT min(id) FROM webhook_deliveries WHERE state = 'pending') AS oldest_webhook,
		${inState('held')}, ${inState('exhausted')},
		(SELECT count(*) FROM dead_letters) AS dead_letters
		FROM (SELECT count(*) AS count, min(iif(lane = '', NULL, owed_since)) AS since
			FROM deliveries_due WHERE due_at IS NOT NULL) AS deliveries`;
	const [found] = await reader.read([{ sql, values: [] }], { isUrgent: true });
	return toBacklog(found?.rows[0]);
}
