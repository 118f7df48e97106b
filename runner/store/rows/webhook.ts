import type { WebhookDelivery, WebhookEvent } from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { Callback } from '../contract/sends.ts';
import type { DueWebhooks, StoredWebhook, WebhookTarget } from '../contract/webhooks.ts';
import { fromJson, type NewRow, optionalNumber, optionalText, type Row, word } from './columns.ts';
import { type AboutRules, bytesOf, toEvent } from './event.ts';

/** The row of a new webhook delivery, which is held if it has no `dueAt`. */
export function webhookRow(webhook: {
	id: string;
	position: number;
	to: WebhookTarget;
	lane: string;
	dueAt: number | undefined;
}): NewRow {
	const { id, position, to, lane, dueAt } = webhook;
	return {
		id,
		event_position: position,
		endpoint_id: 'endpoint' in to ? to.endpoint.id : null,
		callback: 'endpoint' in to ? null : JSON.stringify(to.callback),
		lane,
		state: dueAt === undefined ? 'held' : 'pending',
		attempts: '[]',
		due_at: dueAt ?? null,
	};
}

/** The columns that the outcome of a request changes, with the id. `due_at` is set exactly while it is pending. */
export function webhookChanges({
	id,
	state,
	attempts,
	dueAt,
	mostTogether,
}: WebhookDelivery): NewRow {
	return {
		id,
		state,
		attempts: JSON.stringify(attempts),
		tries: attempts.length,
		due_at: state === 'pending' ? (dueAt ?? null) : null,
		most_together: mostTogether ?? null,
	};
}

/** The fields of a waiting webhook delivery that composing requests needs. */
export interface WaitingWebhook {
	readonly id: string;
	readonly dueAt: number;
	/** Most deliveries in a request with this one. */
	readonly mostTogether: number | undefined;
}

export function toWaitingWebhook({ id, due_at, most_together }: Row): WaitingWebhook {
	return {
		id: String(id),
		dueAt: Number(due_at ?? Infinity),
		mostTogether: optionalNumber(most_together),
	};
}

/** A webhook delivery to send now. */
export type ReadWebhook = DueWebhooks['deliveries'][number] & {
	readonly to: WebhookTarget;
	/** The size of its event. */
	readonly bytes: number;
};

/**
 * Reads a webhook delivery from a row with its event and the `ABOUT_COLUMNS`; undefined if its endpoint is gone. Throws
 * if it cannot be read.
 */
export function toDueWebhook(
	row: Row,
	endpoint: Endpoint | undefined,
	rules: AboutRules,
): ReadWebhook | undefined {
	if (row.body === null) throw new Error('Its event is not there any more');
	const dueAt = optionalNumber(row.due_at);
	const mostTogether = optionalNumber(row.most_together);
	const delivery: WebhookDelivery = {
		id: String(row.id),
		state: word(row.state),
		attempts: fromJson(row.attempts),
		...(dueAt === undefined ? {} : { dueAt }),
		...(mostTogether === undefined ? {} : { mostTogether }),
	};
	const event = toEvent<WebhookEvent>(row, rules);
	const bytes = bytesOf(row);
	if (row.callback !== null) {
		return { delivery, event, bytes, to: { callback: fromJson(row.callback) } };
	}
	return endpoint && { delivery, event, bytes, to: { endpoint } };
}

/** Reads a webhook delivery for the API from a row that has the `body` of its event. */
export function toStoredWebhook(row: Row): StoredWebhook {
	const dueAt = optionalNumber(row.due_at);
	const endpointId = optionalText(row.endpoint_id);
	const callback = row.callback === null ? undefined : fromJson<Callback>(row.callback);
	return {
		id: String(row.id),
		state: word(row.state),
		attempts: fromJson(row.attempts),
		event: fromJson(row.body),
		...(dueAt === undefined ? {} : { dueAt }),
		...(endpointId === undefined ? {} : { endpointId }),
		...(callback ? { callbackUrl: callback.url } : {}),
	};
}
