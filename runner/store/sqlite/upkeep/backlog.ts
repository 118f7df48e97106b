import { idTime } from '@sureping/engine';
import { toBacklog } from '../../rows/backlog.ts';
import { type Backlog, MOST_COUNTED } from '../../contract/upkeep.ts';
import type { Reader } from '../db/reader.ts';
import type { WebhookClaims } from '../webhooks/claims.ts';
import { NOT_DELIVERED } from '../webhooks/rows.ts';

/**
 * Counts in the indexes of owed rows and of the states of webhooks; the oldest webhook is the first in its index. It goes
 * before lists, since backpressure waits for it.
 */
export async function countBacklog(reader: Reader, claims: WebhookClaims): Promise<Backlog> {
	const inState = (state: 'held' | 'exhausted'): string => `(SELECT count(*) FROM (
		SELECT 1 FROM webhook_deliveries WHERE state = '${state}' AND ${NOT_DELIVERED} LIMIT ${MOST_COUNTED})) AS ${state}`;
	const sql = `SELECT
		deliveries.count AS deliveries, deliveries.since AS deliveries_since,
		(SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL) AS webhooks,
		(SELECT min(id) FROM webhook_deliveries WHERE state = 'pending' AND ${NOT_DELIVERED}) AS oldest_webhook,
		${inState('held')}, ${inState('exhausted')},
		(SELECT count(*) FROM dead_letters) AS dead_letters
		FROM (SELECT count(*) AS count, min(iif(lane = '', NULL, owed_since)) AS since
			FROM deliveries_due WHERE due_at IS NOT NULL) AS deliveries`;
	const [found] = await reader.read([{ sql, values: [] }], { isUrgent: true });
	const stored = toBacklog(found?.rows[0]);
	const { freshCount, oldestFresh } = claims;
	const since = [stored.webhooksSince, oldestFresh === undefined ? undefined : idTime(oldestFresh)];
	const known = since.filter((time) => time !== undefined);
	return {
		...stored,
		webhooks: stored.webhooks + freshCount,
		webhooksSince: known.length > 0 ? Math.min(...known) : undefined,
	};
}
