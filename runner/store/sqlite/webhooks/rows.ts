import type { WebhookDelivery } from '@sureping/engine';
import { type NewRow, optionalText } from '../../rows/columns.ts';
import { ABOUT_COLUMNS, type AboutRules } from '../../rows/event.ts';
import { listed, webhookConditions } from '../../rows/list-conditions.ts';
import { toPage } from '../../rows/pages.ts';
import {
	type ReadWebhook,
	toDueWebhook,
	toStoredWebhook,
	toWaitingWebhook,
	type WaitingWebhook,
	webhookChanges,
} from '../../rows/webhook.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type { NamedTarget, StoredWebhook, WebhookFilter } from '../../contract/webhooks.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';
import type { FreshWebhook } from './fresh.ts';

/** A condition, word for word that of the indexes of states, without which SQLite does not use them. */
export const NOT_DELIVERED = `state <> 'delivered'`;

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
): readonly WaitingRow[] {
	return sql.all`SELECT id, due_at, most_together, event_position FROM webhook_deliveries
		WHERE due_at IS NOT NULL AND lane = ${lane} AND tries = ${tries}
		ORDER BY due_at, event_position LIMIT ${limit}`.map((row) => ({
		...toWaitingWebhook(row),
		position: Number(row.event_position),
	}));
}

/** A webhook delivery that waits with a row of its own. */
export interface WaitingRow extends WaitingWebhook {
	/** The position of its event. */
	readonly position: number;
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

export function insertWebhook(sql: Statements, row: NewRow): void {
	sql.insert('webhook_deliveries', row);
}

/** A webhook delivery as its event's row tells of it. */
export interface OwedWebhook extends Pick<FreshWebhook, 'id' | 'position' | 'lane' | 'dueAt'> {
	readonly to: NamedTarget;
}

/**
 * Gives a fresh webhook delivery a row, as it waits or after its first attempt; false where it has one already. After an
 * attempt it is held if its endpoint was disabled meanwhile, as `updateWebhook` has it.
 */
export function insertFresh(
	sql: Statements,
	{ id, position, to, lane, dueAt }: OwedWebhook,
	after?: WebhookDelivery,
): boolean {
	const {
		attempts = '[]',
		tries = 0,
		state = 'pending',
		due_at = dueAt,
		most_together = null,
	} = after ? webhookChanges(after) : {};
	const endpointId = 'endpoint' in to ? to.endpoint.id : null;
	const isHeld = after !== undefined && state === 'pending' && isDisabled(sql, endpointId);
	const { changes } = sql.run`INSERT INTO webhook_deliveries
		(id, event_position, endpoint_id, callback, lane, attempts, tries, most_together, state, due_at)
		VALUES (${id}, ${position}, ${endpointId}, ${'endpoint' in to ? null : JSON.stringify(to.callback)},
		${lane}, ${attempts}, ${tries}, ${most_together}, ${isHeld ? 'held' : state}, ${isHeld ? null : due_at})
		ON CONFLICT (id) DO NOTHING`;
	return changes > 0;
}

const isDisabled = (sql: Statements, endpointId: string | null): boolean =>
	endpointId !== null &&
	sql.get`SELECT 1 FROM endpoints WHERE id = ${endpointId} AND status = 'disabled'` !== undefined;

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

/** Newest first. */
export async function listWebhooks(
	reader: Reader,
	filter: WebhookFilter,
	{ after, limit }: PageRequest,
): Promise<Page<StoredWebhook>> {
	const { where, values } = listed(limit, webhookConditions(filter, after));
	const isByState = filter.state !== undefined && filter.state !== 'delivered';
	const { rows, isCut } = await reader.find(
		`SELECT w.*, e.body FROM webhook_deliveries w JOIN events e ON e.position = w.event_position
		 ${where} ${isByState ? `AND w.${NOT_DELIVERED}` : ''} ORDER BY w.id DESC LIMIT ?`,
		...values,
	);
	return toPage(rows, limit, toStoredWebhook, isCut);
}

export function readWebhook(sql: Statements, id: string): StoredWebhook | undefined {
	const row = sql.get`SELECT w.*, e.body
		FROM webhook_deliveries w JOIN events e ON e.position = w.event_position WHERE w.id = ${id}`;
	return row && toStoredWebhook(row);
}
