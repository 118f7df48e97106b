import {
	type DeliveryEvent,
	type FeedEvent,
	isForwarded,
	type ReceivedType,
} from '@sureping/engine';
import { type Audience, owedWebhooks } from '../owed-webhooks.ts';
import { fromJson } from '../rows/columns.ts';
import type { EventPage } from '../store.ts';
import type { Statements } from './statements.ts';
import type { WebhookQueue } from './webhook-queue.ts';

/** Writes events and, for each endpoint that wants one, the webhook delivery that is owed from now on. */
export function insertEvents(
	sql: Statements,
	events: readonly FeedEvent[],
	to: Audience & { readonly now: number; readonly queue: WebhookQueue },
): void {
	for (const event of events) {
		const { id: position } = sql.run(
			'INSERT INTO events (id, notification_id, type, body, created_at) VALUES (?, ?, ?, ?, ?)',
			event.event_id,
			// What somebody else sent is no notification of ours, whatever its id.
			isForwarded(event) ? '' : event.notification_id,
			event.event,
			JSON.stringify(event),
			to.now,
		);
		const { now, queue } = to;
		const earlier = (): readonly FeedEvent[] => eventsBefore(sql, event, position);
		for (const target of owedWebhooks(event, to, earlier, now)) queue.owe(target, position, now);
	}
}

/** The events of the same notification before this one. */
export function eventsBefore(
	sql: Statements,
	event: FeedEvent,
	position: number,
): readonly FeedEvent[] {
	if (isForwarded(event)) return [];
	return sql
		.all(
			'SELECT body FROM events WHERE notification_id = ? AND position < ?',
			event.notification_id,
			position,
		)
		.map(({ body }) => fromJson(body));
}

/** Whether an id is one of our own events'. */
export function isOurEvent(sql: Statements, eventId: string): boolean {
	return sql.get('SELECT 1 FROM events WHERE id = ?', eventId) !== undefined;
}

export function eventsOf(sql: Statements, notificationId: string): readonly DeliveryEvent[] {
	return sql
		.all('SELECT body FROM events WHERE notification_id = ? ORDER BY position', notificationId)
		.map(({ body }) => fromJson(body));
}

/** A page ends here too, so that large events neither fill memory nor block other requests. */
const MOST_PAGE_BYTES = 8 * 1024 * 1024;

/**
 * One process writes, one transaction at a time, so `position` is commit order and a cursor is a position.
 * Undefined when the cursor is not one that this feed gave.
 */
export function readEvents(
	sql: Statements,
	cursor: string | undefined,
	limit: number,
	types: readonly ReceivedType[] | undefined,
): EventPage | undefined {
	const newest = Number(sql.get('SELECT MAX(position) AS n FROM events')?.n ?? 0);
	const after = Number(cursor ?? 0);
	if (cursor !== undefined && (!/^\d{1,15}$/.test(cursor) || after > newest)) return undefined;
	const rows = types
		? sql.iterate(
				`SELECT position, body FROM events
				 WHERE position > ? AND type IN (SELECT value FROM json_each(?))
				 ORDER BY position LIMIT ?`,
				after,
				JSON.stringify(types),
				limit,
			)
		: sql.iterate(
				'SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT ?',
				after,
				limit,
			);
	const events: FeedEvent[] = [];
	let last = after;
	let bytes = 0;
	for (const { position, body } of rows) {
		events.push(fromJson(body));
		last = Number(position);
		bytes += String(body).length;
		if (bytes >= MOST_PAGE_BYTES) return { events, nextCursor: String(last) };
	}
	// At the end of the feed the cursor moves past what did not match, so that nobody looks through it again.
	return { events, nextCursor: String(events.length < limit ? newest : last) };
}
