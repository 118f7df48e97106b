import {
	type DeliveryEvent,
	type EventType,
	type NewId,
	ONE_PING_EVENTS,
	subscribersOf,
} from '@sureping/engine';
import type { Endpoint, EventPage } from '../store.ts';
import { fromJson } from './columns.ts';
import { oweWebhook } from './webhook-rows.ts';
import type { Statements } from './statements.ts';

/** Writes events and, for each endpoint that wants one, the webhook delivery that is owed from now on. */
export function insertEvents(
	sql: Statements,
	events: readonly DeliveryEvent[],
	to: {
		endpoints: readonly Endpoint[];
		callbackUrl: string | undefined;
		apiKey: string;
		now: number;
		newId: NewId;
	},
): void {
	for (const event of events) {
		const { id: position } = sql.run(
			'INSERT INTO events (id, notification_id, type, body, created_at) VALUES (?, ?, ?, ?, ?)',
			event.event_id,
			event.notification_id,
			event.event,
			JSON.stringify(event),
			to.now,
		);
		const { now } = to;
		const hasCallback = to.callbackUrl !== undefined;
		for (const endpoint of subscribersOf(event, hasCallback, to.endpoints)) {
			if (endpoint.expiresAt !== undefined && endpoint.expiresAt <= now) continue;
			oweWebhook(sql, { id: to.newId('whd'), position, endpoint, now });
		}
		if (to.callbackUrl !== undefined && ONE_PING_EVENTS.includes(event.event)) {
			const { callbackUrl, apiKey } = to;
			oweWebhook(sql, { id: to.newId('whd'), position, callbackUrl, apiKey, now });
		}
	}
}

export function eventsOf(sql: Statements, notificationId: string): readonly DeliveryEvent[] {
	return sql
		.all('SELECT body FROM events WHERE notification_id = ? ORDER BY position', notificationId)
		.map(({ body }) => fromJson(body));
}

/**
 * One process writes, one transaction at a time, so `position` is commit order and a cursor is a position.
 * Undefined when the cursor is not one.
 */
export function readEvents(
	sql: Statements,
	cursor: string | undefined,
	limit: number,
	types: readonly EventType[] | undefined,
): EventPage | undefined {
	if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return undefined;
	const after = Number(cursor ?? 0);
	const rows = types
		? sql.all(
				`SELECT position, body FROM events
				 WHERE position > ? AND type IN (SELECT value FROM json_each(?))
				 ORDER BY position LIMIT ?`,
				after,
				JSON.stringify(types),
				limit,
			)
		: sql.all(
				'SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT ?',
				after,
				limit,
			);
	return {
		events: rows.map(({ body }) => fromJson(body)),
		nextCursor: String(rows.at(-1)?.position ?? after),
	};
}
