import type { WebhookDelivery } from '@sureping/engine';
import { optionalNumber, optionalText, word } from '../../rows/columns.ts';
import { ABOUT_COLUMNS, type AboutRules } from '../../rows/event.ts';
import { webhookConditions } from '../../rows/list-conditions.ts';
import { toPage } from '../../rows/pages.ts';
import {
	type ReadWebhook,
	toDueWebhook,
	toStoredWebhook,
	webhookChanges,
} from '../../rows/webhook.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type { StoredWebhook, StoredWebhookState, WebhookFilter } from '../../contract/webhooks.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';
import { listed } from '../db/list-query.ts';
import { dueNow } from '../../rules/held-webhooks.ts';
import type { WaitingWebhook } from '../../rules/webhook-lanes.ts';

/** The first queue with something owed after this one, in the order of the index that claims read. */
export function nextQueue(
	sql: Statements,
	lane: string,
	tries: number,
): { lane: string; tries: number; dueAt: number } | undefined {
	const row = sql.get`SELECT lane, tries, due_at FROM webhook_deliveries
		WHERE due_at IS NOT NULL AND (lane, tries) > (${lane}, ${tries})
		ORDER BY lane, tries, due_at LIMIT 1`;
	return row && { lane: String(row.lane), tries: Number(row.tries), dueAt: Number(row.due_at) };
}

/** The longest due first; of those due together, in the order of their events. */
export function waitingRows(
	sql: Statements,
	lane: string,
	tries: number,
	limit: number,
): readonly WaitingWebhook[] {
	return sql.all`SELECT id, due_at, most_together FROM webhook_deliveries
		WHERE due_at IS NOT NULL AND lane = ${lane} AND tries = ${tries}
		ORDER BY due_at, event_position LIMIT ${limit}`.map(({ id, due_at, most_together }) => ({
		id: String(id),
		dueAt: Number(due_at),
		mostTogether: optionalNumber(most_together),
	}));
}

/** Undefined when it is not owed any more or its endpoint is gone. */
export function readDueWebhook(
	sql: Statements,
	id: string,
	endpoint: Endpoint | undefined,
	rules: AboutRules,
): ReadWebhook | undefined {
	const row = sql.get(
		`SELECT w.*, e.body, ${ABOUT_COLUMNS}
		 FROM webhook_deliveries w LEFT JOIN events e ON e.position = w.event_position
		 LEFT JOIN notifications n ON n.id = e.notification_id WHERE w.id = ?`,
		id,
	);
	return row && toDueWebhook(row, endpoint, rules);
}

export function laneOfWebhook(sql: Statements, id: string): string | undefined {
	return optionalText(sql.get`SELECT lane FROM webhook_deliveries WHERE id = ${id}`?.lane);
}

/**
 * Stores the outcome of a request. A delivery that is still owed is held if its endpoint was disabled meanwhile, and stays
 * cancelled if it was removed.
 */
export function updateWebhook(sql: Statements, delivery: WebhookDelivery): void {
	const { id, state, attempts, tries, due_at, most_together } = webhookChanges(delivery);
	const isHeld =
		state === 'pending'
			? `(state = 'held' OR EXISTS (SELECT 1 FROM endpoints
			   WHERE endpoints.id = endpoint_id AND endpoints.status = 'disabled'))`
			: 'FALSE';
	sql.run(
		`UPDATE webhook_deliveries SET attempts = ?, tries = ?, most_together = ?,
		 state = iif(${isHeld}, 'held', ?), due_at = iif(${isHeld}, NULL, ?)
		 WHERE id = ? AND state IN ('pending', 'held')`,
		attempts ?? null,
		tries ?? null,
		most_together ?? null,
		state ?? null,
		due_at ?? null,
		id ?? null,
	);
}

/** Marks a webhook delivery that cannot be sent as dead. */
export function stopWebhook(sql: Statements, id: string): void {
	sql.run`UPDATE webhook_deliveries SET state = 'dead', due_at = NULL
		WHERE id = ${id} AND state IN ('pending', 'held')`;
}

/** Makes a dead webhook delivery pending, or held while its endpoint is disabled; undefined where its endpoint is gone. */
export function requeueWebhook(
	sql: Statements,
	id: string,
	endpoints: readonly Endpoint[],
	now: number,
): { lane: string; tries: number; isDue: boolean } | undefined {
	const row = sql.get`SELECT endpoint_id, lane, tries FROM webhook_deliveries
		WHERE id = ${id} AND state = 'dead'`;
	if (!row) return undefined;
	const endpoint = endpoints.find((one) => one.id === row.endpoint_id);
	const due = dueNow(row.endpoint_id, endpoint, now);
	if (!due) return undefined;
	sql.run`UPDATE webhook_deliveries SET state = ${due.state}, due_at = ${due.dueAt} WHERE id = ${id}`;
	return { lane: String(row.lane), tries: Number(row.tries), isDue: due.state === 'pending' };
}

/** Newest first. */
export async function listWebhooks(
	reader: Reader,
	filter: WebhookFilter,
	{ after, limit }: PageRequest,
): Promise<Page<StoredWebhook>> {
	const { where, values } = listed(limit, webhookConditions(filter, after));
	const { rows, isCut } = await reader.find(
		`SELECT w.*, e.body FROM webhook_deliveries w JOIN events e ON e.position = w.event_position
		 ${where} ORDER BY w.id DESC LIMIT ?`,
		...values,
	);
	return toPage(rows, limit, toStoredWebhook, isCut);
}

export function readWebhook(sql: Statements, id: string): StoredWebhook | undefined {
	const row = sql.get`SELECT w.*, e.body
		FROM webhook_deliveries w JOIN events e ON e.position = w.event_position WHERE w.id = ${id}`;
	return row && toStoredWebhook(row);
}

/**
 * Makes a pending or exhausted webhook delivery due now, or holds it while its endpoint is disabled. `state` is the new one,
 * which is `cancelled` when the endpoint is gone; `due` names the queue in which the delivery is due.
 */
export function retryWebhook(
	sql: Statements,
	id: string,
	endpoints: readonly Endpoint[],
	now: number,
): { state: StoredWebhookState; due?: { lane: string; tries: number } } | undefined {
	const row = sql.get`SELECT state, endpoint_id, lane, tries FROM webhook_deliveries WHERE id = ${id}`;
	if (!row) return undefined;
	const endpoint = endpoints.find((one) => one.id === row.endpoint_id);
	const due = dueNow(row.endpoint_id, endpoint, now);
	if (!due) return { state: 'cancelled' };
	const { state, dueAt } = due;
	const { changes } = sql.run`UPDATE webhook_deliveries SET state = ${state}, due_at = ${dueAt}
		WHERE id = ${id} AND state IN ('pending', 'exhausted')`;
	if (changes === 0) return { state: word<StoredWebhookState>(row.state) };
	const { lane, tries } = row;
	return state === 'held'
		? { state }
		: { state, due: { lane: String(lane), tries: Number(tries) } };
}
