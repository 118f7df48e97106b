import type { WebhookDelivery } from '@sureping/engine';
import type { Row } from '../../rows/columns.ts';
import { ABOUT_COLUMNS } from '../../rows/event.ts';
import { webhookConditions } from '../../rows/list-conditions.ts';
import { toPage } from '../../rows/pages.ts';
import { toStoredWebhook, webhookChanges } from '../../rows/webhook.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type { StoredWebhook, WebhookFilter } from '../../contract/webhooks.ts';
import { isWord, listed, readLargeRows } from '../db/list-query.ts';
import type { Sql } from '../db/database.ts';
import { columnsOf } from '../db/tables.ts';
import { NOT_OWN, updated, valuesOf, write } from '../db/write-rows.ts';

/** Every queue with something to take, each found by one step in the index that claims read. */
const QUEUES = `queues AS (
	(SELECT lane, tries, due_at FROM sureping.webhook_deliveries
		WHERE due_at IS NOT NULL AND owner IS NULL ORDER BY lane, tries, due_at LIMIT 1)
	UNION ALL
	SELECT n.lane, n.tries, n.due_at FROM queues q, LATERAL (
		SELECT lane, tries, due_at FROM sureping.webhook_deliveries w
		WHERE due_at IS NOT NULL AND owner IS NULL AND (w.lane, w.tries) > (q.lane, q.tries)
		ORDER BY lane, tries, due_at LIMIT 1
	) n
)`;

/** The first due time of every queue, and the first after `time` as `next_at`. */
export async function readDueTimes(sql: Sql, time: number): Promise<readonly Row[]> {
	return await sql.rows(
		`WITH RECURSIVE ${QUEUES}
		 SELECT q.lane, q.due_at, n.due_at AS next_at FROM queues q, LATERAL (
			SELECT min(due_at) AS due_at FROM sureping.webhook_deliveries w
			WHERE due_at IS NOT NULL AND owner IS NULL AND w.lane = q.lane AND w.tries = q.tries
			AND due_at > $1::bigint
		 ) n`,
		[time],
	);
}

/** Every queue. `is_full`: its lane sends batches, and one is full although nothing is due. */
export async function readQueues(
	sql: Sql,
	batches: readonly { readonly lane: string; readonly most: number }[],
	now: number,
): Promise<readonly Row[]> {
	return await sql.rows(
		`WITH RECURSIVE ${QUEUES}
		 SELECT q.lane, q.tries, q.due_at, b.most <= (
			SELECT count(*) FROM (
				SELECT 1 FROM sureping.webhook_deliveries w
				WHERE due_at IS NOT NULL AND owner IS NULL AND w.lane = q.lane AND w.tries = 0 LIMIT b.most
			) waiting
		 ) AS is_full
		 FROM queues q LEFT JOIN unnest($1::text[], $2::integer[]) AS b (lane, most)
		 ON b.lane = q.lane AND q.tries = 0 AND q.due_at > $3::bigint`,
		[...valuesOf(['lane', 'most'], batches), now],
	);
}

/** Rows to claim from a queue: up to `most` of those due until then. */
export interface WantedRows {
	readonly lane: string;
	readonly tries: number;
	readonly until: number;
	readonly most: number;
}

/**
 * Claims rows for the process `owner`, with their events; by an array of ids, for the same reason as `claimTaken` of
 * deliveries.
 */
export async function claimDue(
	sql: Sql,
	wanted: readonly WantedRows[],
	owner: string,
): Promise<readonly Row[]> {
	return await sql.rows(
		`WITH taken AS MATERIALIZED (
			SELECT w.id FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[])
				AS u (lane, tries, until, most),
			LATERAL (
				SELECT id FROM sureping.webhook_deliveries w
				WHERE due_at IS NOT NULL AND owner IS NULL AND w.lane = u.lane AND w.tries = u.tries
				AND due_at <= u.until
				ORDER BY due_at, event_position LIMIT u.most FOR UPDATE SKIP LOCKED
			) w
		 ), claimed AS (
			UPDATE sureping.webhook_deliveries d SET owner = $5
			WHERE d.id = ANY (ARRAY(SELECT id FROM taken))
			RETURNING ${columnsOf('webhook_deliveries', 'd')}
		 )
		 SELECT c.*, e.body, ${ABOUT_COLUMNS}
		 FROM claimed c LEFT JOIN sureping.events e ON e.position = c.event_position
		 LEFT JOIN sureping.notifications n ON n.id = e.notification_id
		 ORDER BY c.due_at, c.event_position`,
		[...valuesOf(['lane', 'tries', 'until', 'most'], wanted), owner],
	);
}

/** Condition: the delivery is still owed, and its endpoint was disabled meanwhile. */
const IS_HELD = `(u.state = 'pending' AND (t.state = 'held' OR EXISTS (
	SELECT 1 FROM sureping.endpoints e WHERE e.id = t.endpoint_id AND e.status = 'disabled')))`;

/**
 * Stores the outcomes of requests, and ends the claims of `owner`, a process. If the endpoint was disabled meanwhile,
 * deliveries that are still owed are held; if it was removed, they stay cancelled.
 *
 * A process that stood still may have lost its lease, and another one have claimed the webhook since. Then that one
 * stores the outcome, unless this one has delivered it. An attempt is never stored twice.
 */
export async function updateWebhooks(
	sql: Sql,
	deliveries: readonly WebhookDelivery[],
	owner: string,
): Promise<void> {
	// A statement can change a row only once: of two outcomes of one webhook, the last counts.
	const changes = new Map(deliveries.map((one) => [one.id, webhookChanges(one)]));
	await write(
		sql,
		updated('webhook_deliveries', [...changes.values()], {
			how: {
				state: `CASE WHEN ${IS_HELD} THEN 'held' ELSE u.state END`,
				due_at: `CASE WHEN ${IS_HELD} THEN NULL ELSE u.due_at END`,
				owner: NOT_OWN,
			},
			// The owner of the claim may also put it off without an attempt.
			where: `t.state IN ('pending', 'held') AND (
				t.tries < u.tries AND (t.owner IS NULL OR t.owner = $own OR u.state = 'delivered')
				OR t.tries = u.tries AND t.owner = $own)`,
			own: owner,
		}),
	);
}

/** Newest first. */
export async function listWebhooks(
	sql: Sql,
	filter: WebhookFilter,
	{ after, limit }: PageRequest,
): Promise<Page<StoredWebhook>> {
	const { state, ...others } = filter;
	const { where, most, values } = listed(
		limit,
		webhookConditions(others, after),
		isWord('w.state', state),
	);
	const { rows, isCut } = await readLargeRows(
		sql,
		`SELECT ${columnsOf('webhook_deliveries', 'w')}, e.body
		 FROM sureping.webhook_deliveries w JOIN sureping.events e ON e.position = w.event_position
		 ${where} ORDER BY w.id DESC ${most}`,
		values,
		['body', 'attempts'],
	);
	return toPage(rows, limit, toStoredWebhook, isCut);
}

export async function readWebhook(sql: Sql, id: string): Promise<StoredWebhook | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('webhook_deliveries', 'w')}, e.body
		 FROM sureping.webhook_deliveries w JOIN sureping.events e ON e.position = w.event_position
		 WHERE w.id = $1`,
		[id],
	);
	return row && toStoredWebhook(row);
}
