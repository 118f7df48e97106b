import type { WebhookDelivery } from '@sureping/engine';
import { word } from '../rows/columns.ts';
import { toPage } from '../rows/pages.ts';
import { toStoredWebhook, webhookChanges } from '../rows/webhook.ts';
import type { Endpoint, Page, PageRequest, StoredWebhook, StoredWebhookState } from '../store.ts';
import { listed } from './conditions.ts';
import type { Sql } from './database.ts';
import { columnsOf } from './tables.ts';
import { NOT_OWN, updated, write } from './write-rows.ts';

/**
 * What came of requests, with which the claims of `owner`, a process, end. If the endpoint was disabled meanwhile, what is
 * still owed stays held; if it was removed, it stays cancelled.
 *
 * A process that stood still may have lost its lease, and another one have the webhook since: then it says what came of
 * it, unless this one has it delivered. An attempt that is stored is not stored again.
 */
export async function updateWebhooks(
	sql: Sql,
	deliveries: readonly WebhookDelivery[],
	owner: string,
): Promise<void> {
	// Two outcomes of one webhook, of which the last counts, cannot be in one statement.
	const changes = new Map(deliveries.map((one) => [one.id, webhookChanges(one)]));
	await write(
		sql,
		updated('webhook_deliveries', [...changes.values()], {
			how: {
				state: "CASE WHEN t.state = 'held' AND u.state = 'pending' THEN t.state ELSE u.state END",
				due_at: "CASE WHEN t.state = 'held' THEN NULL ELSE u.due_at END",
				owner: NOT_OWN,
			},
			where: `t.state IN ('pending', 'held') AND t.tries < u.tries
				AND (t.owner IS NULL OR t.owner = $own OR u.state = 'delivered')`,
			own: owner,
		}),
	);
}

/** Newest first. */
export async function listWebhooks(
	sql: Sql,
	{ state, endpointId }: { state?: string | undefined; endpointId?: string | undefined },
	{ after, limit }: PageRequest,
): Promise<Page<StoredWebhook>> {
	const { where, most, values } = listed(limit, [
		['w.state = ?', state],
		['w.endpoint_id = ?', endpointId],
		['w.id < ?', after],
	]);
	const rows = await sql.rows(
		`SELECT ${columnsOf('webhook_deliveries', 'w')}, e.body
		 FROM sureping.webhook_deliveries w JOIN sureping.events e ON e.position = w.event_position
		 ${where} ORDER BY w.id DESC ${most}`,
		values,
	);
	return toPage(rows, limit, toStoredWebhook);
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

/** Makes a webhook delivery due now if it is pending or was given up; the result is the state that it was in. */
export async function retryWebhook(
	sql: Sql,
	id: string,
	endpoints: readonly Endpoint[],
	now: number,
): Promise<StoredWebhookState | undefined> {
	const [row] = await sql.rows(
		'SELECT state, endpoint_id FROM sureping.webhook_deliveries WHERE id = $1 FOR UPDATE',
		[id],
	);
	if (!row) return undefined;
	const isGone = row.endpoint_id !== null && !endpoints.some((e) => e.id === row.endpoint_id);
	if (isGone) return 'cancelled';
	await sql.rows(
		`UPDATE sureping.webhook_deliveries SET state = 'pending', due_at = $2::bigint
		 WHERE id = $1 AND state IN ('pending', 'exhausted')`,
		[id, now],
	);
	return word<StoredWebhookState>(row.state);
}
