import type { WebhookDelivery } from '@sureping/engine';
import type { DueWebhook, Endpoint } from '../store.ts';
import { fromJson, optionalNumber, optionalText, type Row, word } from './columns.ts';
import type { Statements } from './statements.ts';

/** Due webhook deliveries, the longest due first. */
export function dueWebhooks(sql: Statements, now: number, limit: number): readonly Row[] {
	return sql.all(
		`SELECT w.*, e.body FROM webhook_deliveries w JOIN events e ON e.position = w.event_position
		 WHERE w.due_at IS NOT NULL AND w.due_at <= ? ORDER BY w.due_at LIMIT ?`,
		now,
		limit,
	);
}

/** Undefined when its endpoint is gone. */
export function toDueWebhook(row: Row, endpoints: readonly Endpoint[]): DueWebhook | undefined {
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

export function nextDueWebhooks(
	sql: Statements,
	limit: number,
): readonly { id: string; dueAt: number }[] {
	return sql
		.all(
			`SELECT id, due_at FROM webhook_deliveries WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?`,
			limit,
		)
		.map((row) => ({ id: String(row.id), dueAt: Number(row.due_at) }));
}

/** A delivery that was cancelled in the meantime stays cancelled. */
export function updateWebhook(sql: Statements, delivery: WebhookDelivery): void {
	sql.run(
		"UPDATE webhook_deliveries SET state = ?, attempts = ?, due_at = ? WHERE id = ? AND state = 'pending'",
		delivery.state,
		JSON.stringify(delivery.attempts),
		delivery.state === 'pending' ? (delivery.dueAt ?? null) : null,
		delivery.id,
	);
}

export function cancelWebhooksOf(sql: Statements, endpointId: string): void {
	sql.run(
		`UPDATE webhook_deliveries SET state = 'cancelled', due_at = NULL
		 WHERE endpoint_id = ? AND state = 'pending'`,
		endpointId,
	);
}
