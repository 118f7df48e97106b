import type { WebhookDelivery } from '@sureping/engine';
import type {
	DueWebhook,
	Endpoint,
	Page,
	PageRequest,
	StoredWebhook,
	StoredWebhookState,
} from '../store.ts';
import { fromJson, optionalNumber, optionalText, type Row, word } from './columns.ts';
import { toPage, whereAll } from './pages.ts';
import type { Statements } from './statements.ts';

/** Writes a webhook delivery that is owed from now on; to a disabled endpoint it is held. */
export function oweWebhook(
	sql: Statements,
	webhook: { id: string; position: number; now: number } & (
		{ endpoint: Endpoint } | { callbackUrl: string; apiKey: string }
	),
): void {
	const { id, position, now } = webhook;
	const to =
		'endpoint' in webhook
			? [webhook.endpoint.id, null, null]
			: [null, webhook.callbackUrl, webhook.apiKey];
	const held = 'endpoint' in webhook && webhook.endpoint.status === 'disabled';
	sql.run(
		"INSERT INTO webhook_deliveries VALUES (?, ?, ?, ?, ?, ?, '[]', ?)",
		id,
		position,
		...to,
		held ? 'held' : 'pending',
		held ? null : now,
	);
}

/** Ids of due webhook deliveries, the longest due first. */
export function dueWebhookIds(
	sql: Statements,
	now: number,
	limit: number,
): readonly { id: string }[] {
	return sql
		.all(
			`SELECT id FROM webhook_deliveries
			 WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?`,
			now,
			limit,
		)
		.map(({ id }) => ({ id: String(id) }));
}

/** Undefined when its endpoint is gone. */
export function readDueWebhook(
	sql: Statements,
	id: string,
	endpoints: readonly Endpoint[],
): DueWebhook | undefined {
	const row = sql.get(
		`SELECT w.*, e.body FROM webhook_deliveries w JOIN events e ON e.position = w.event_position
		 WHERE w.id = ?`,
		id,
	);
	if (!row) return undefined;
	const dueAt = optionalNumber(row.due_at);
	const delivery: WebhookDelivery = {
		id: String(row.id),
		state: word(row.state),
		attempts: fromJson(row.attempts),
		...(dueAt === undefined ? {} : { dueAt }),
	};
	const event = fromJson<DueWebhook['event']>(row.body);
	const callbackUrl = optionalText(row.callback_url);
	if (callbackUrl !== undefined) {
		return { delivery, event, to: { callbackUrl, apiKey: String(row.api_key) } };
	}
	const endpoint = endpoints.find(({ id }) => id === row.endpoint_id);
	return endpoint && { delivery, event, to: { endpoint } };
}

/** The first due time after `time`. */
export function nextWebhookAt(sql: Statements, time: number): number | undefined {
	const row = sql.get(
		'SELECT MIN(due_at) AS due_at FROM webhook_deliveries WHERE due_at > ?',
		time,
	);
	return optionalNumber(row?.due_at);
}

/**
 * What came of a request. If its endpoint was disabled meanwhile, what is still owed stays held; if it was removed, it
 * stays cancelled.
 */
export function updateWebhook(sql: Statements, delivery: WebhookDelivery): void {
	const { id, state, attempts, dueAt } = delivery;
	sql.run(
		"UPDATE webhook_deliveries SET attempts = ? WHERE id = ? AND state IN ('pending', 'held')",
		JSON.stringify(attempts),
		id,
	);
	sql.run(
		'UPDATE webhook_deliveries SET state = ?, due_at = ? WHERE id = ? AND state IN (?, ?)',
		state,
		state === 'pending' ? (dueAt ?? null) : null,
		id,
		'pending',
		state === 'pending' ? 'pending' : 'held',
	);
}

export function cancelWebhooksOf(sql: Statements, endpointId: string): void {
	sql.run(
		`UPDATE webhook_deliveries SET state = 'cancelled', due_at = NULL
		 WHERE endpoint_id = ? AND state IN ('pending', 'held')`,
		endpointId,
	);
}

export function holdWebhooksOf(sql: Statements, endpointId: string): void {
	sql.run(
		`UPDATE webhook_deliveries SET state = 'held', due_at = NULL
		 WHERE endpoint_id = ? AND state = 'pending'`,
		endpointId,
	);
}

export function resumeWebhooksOf(sql: Statements, endpointId: string, now: number): void {
	sql.run(
		`UPDATE webhook_deliveries SET state = 'pending', due_at = ?
		 WHERE endpoint_id = ? AND state = 'held'`,
		now,
		endpointId,
	);
}

/** Newest first. */
export function listWebhooks(
	sql: Statements,
	{ state, endpointId }: { state?: string | undefined; endpointId?: string | undefined },
	{ after, limit }: PageRequest,
): Page<StoredWebhook> {
	const conditions = [
		...(state === undefined ? [] : [{ sql: 'w.state = ?', value: state }]),
		...(endpointId === undefined ? [] : [{ sql: 'w.endpoint_id = ?', value: endpointId }]),
		...(after === undefined ? [] : [{ sql: 'w.id < ?', value: after }]),
	];
	const rows = sql.all(
		`SELECT w.*, e.body FROM webhook_deliveries w JOIN events e ON e.position = w.event_position
		 ${whereAll(conditions)} ORDER BY w.id DESC LIMIT ?`,
		...conditions.map(({ value }) => value),
		limit + 1,
	);
	return toPage(rows, limit, toStoredWebhook);
}

function toStoredWebhook(row: Row): StoredWebhook {
	const dueAt = optionalNumber(row.due_at);
	const endpointId = optionalText(row.endpoint_id);
	const callbackUrl = optionalText(row.callback_url);
	return {
		id: String(row.id),
		state: word(row.state),
		attempts: fromJson(row.attempts),
		event: fromJson(row.body),
		...(dueAt === undefined ? {} : { dueAt }),
		...(endpointId === undefined ? {} : { endpointId }),
		...(callbackUrl === undefined ? {} : { callbackUrl }),
	};
}

/**
 * Makes a webhook delivery due now if it is pending or was given up; the result is the state that it was in, which is
 * `cancelled` when its endpoint is gone.
 */
export function retryWebhook(
	sql: Statements,
	id: string,
	endpoints: readonly Endpoint[],
	now: number,
): StoredWebhookState | undefined {
	const row = sql.get('SELECT state, endpoint_id FROM webhook_deliveries WHERE id = ?', id);
	if (!row) return undefined;
	const isGone = row.endpoint_id !== null && !endpoints.some((e) => e.id === row.endpoint_id);
	if (isGone) return 'cancelled';
	sql.run(
		`UPDATE webhook_deliveries SET state = 'pending', due_at = ?
		 WHERE id = ? AND state IN ('pending', 'exhausted')`,
		now,
		id,
	);
	return word(row.state);
}
