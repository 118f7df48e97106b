import {
	type DeliveryEvent,
	type FeedEvent,
	isForwarded,
	isOperational,
	OPERATIONAL_TYPES,
	type OperationalEvent,
	PROFILES,
	type ReceivedType,
	subscribersOf,
	type Subscription,
	type WebhookEvent,
} from '@sureping/engine';
import type { Callback, Endpoint, EventPage } from '../store.ts';
import type { Broken } from './claims.ts';
import { fromJson } from './columns.ts';
import type { Statements } from './statements.ts';
import type { WebhookQueue } from './webhook-queue.ts';

/** Writes events and, for each endpoint that wants one, the webhook delivery that is owed from now on. */
export function insertEvents(
	sql: Statements,
	events: readonly WebhookEvent[],
	to: {
		endpoints: readonly Endpoint[];
		/** Those that the send named. */
		callbacks: readonly Callback[];
		now: number;
		queue: WebhookQueue;
	},
): void {
	for (const event of events) {
		const { id: position } = sql.run(
			'INSERT INTO events (id, notification_id, type, body, created_at) VALUES (?, ?, ?, ?, ?)',
			event.event_id,
			notificationOf(event),
			event.event,
			JSON.stringify(event),
			to.now,
		);
		const { now, queue } = to;
		const background = {
			hasCallback: to.callbacks.some(({ profile }) => profile === 'one-ping'),
			earlier: () => eventsBefore(sql, event, position),
		};
		for (const endpoint of subscribersOf(event, background, to.endpoints)) {
			if (endpoint.expiresAt !== undefined && endpoint.expiresAt <= now) continue;
			queue.owe({ endpoint }, position, now);
		}
		for (const { callback } of subscribersOf(event, background, to.callbacks.map(subscription))) {
			queue.owe({ callback }, position, now);
		}
	}
}

/** What somebody else sent is no notification of ours, whatever its id. */
function notificationOf(event: WebhookEvent): string {
	return isOperational(event) || isForwarded(event) ? '' : event.notification_id;
}

function subscription(callback: Callback): Subscription & { callback: Callback } {
	const { profile, reportType } = callback;
	const events = PROFILES[profile].defaultEvents;
	const signatureInput = 'timestamped';
	return { callback, profile, reportType, events, signatureInput, isDefault: false };
}

/** The events of the same notification before this one. */
export function eventsBefore(
	sql: Statements,
	event: WebhookEvent,
	position: number,
): readonly FeedEvent[] {
	const notificationId = notificationOf(event);
	if (notificationId === '') return [];
	return sql
		.all(
			'SELECT body FROM events WHERE notification_id = ? AND position < ?',
			notificationId,
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

const OPERATIONAL: readonly string[] = Object.keys(OPERATIONAL_TYPES);

/** A page of events, and those on the way that are not JSON any more. */
export interface ReadPage<Event> extends EventPage<Event> {
	readonly broken: readonly Broken[];
}

/** Up to this position events may be missing. */
export function prunedPosition(sql: Statements): number {
	return Number(sql.get('SELECT pruned_position AS n FROM feed WHERE id = 1')?.n ?? 0);
}

/**
 * One process writes, one transaction at a time, so `position` is commit order and a cursor is a position.
 * Undefined when the cursor is not one that this feed gave.
 */
export function readEvents(
	sql: Statements,
	cursor: string | undefined,
	limit: number,
	types: readonly ReceivedType[] | undefined,
): ReadPage<FeedEvent> | undefined {
	return types
		? readPage(sql, cursor, limit, 'IN', types)
		: readPage(sql, cursor, limit, 'NOT IN', OPERATIONAL);
}

/** The same of what happened to endpoints. */
export function readOperationalEvents(
	sql: Statements,
	cursor: string | undefined,
	limit: number,
): ReadPage<OperationalEvent> | undefined {
	return readPage(sql, cursor, limit, 'IN', OPERATIONAL);
}

function readPage<Event>(
	sql: Statements,
	cursor: string | undefined,
	limit: number,
	relation: 'IN' | 'NOT IN',
	types: readonly string[],
): ReadPage<Event> | undefined {
	const pruned = prunedPosition(sql);
	const newest = Math.max(pruned, Number(sql.get('SELECT MAX(position) AS n FROM events')?.n ?? 0));
	const after = Number(cursor ?? 0);
	if (cursor !== undefined && (!/^\d{1,15}$/.test(cursor) || after > newest)) return undefined;
	// Without a cursor the feed starts at the oldest that is kept.
	if (cursor !== undefined && after < pruned) {
		return { events: [], broken: [], nextCursor: '0', isPruned: true };
	}
	const rows = sql.iterate(
		`SELECT position, id, body FROM events
		 WHERE position > ? AND type ${relation} (SELECT value FROM json_each(?))
		 ORDER BY position LIMIT ?`,
		after,
		JSON.stringify(types),
		limit,
	);
	const events: Event[] = [];
	const broken: Broken[] = [];
	let last = after;
	let bytes = 0;
	let read = 0;
	for (const { position, id, body } of rows) {
		last = Number(position);
		read++;
		bytes += String(body).length;
		try {
			events.push(fromJson<Event>(body));
		} catch (error) {
			broken.push({ id: String(id), error });
		}
		if (bytes >= MOST_PAGE_BYTES) return { events, broken, nextCursor: String(last) };
	}
	// At the end of the feed the cursor moves past what did not match, so that nobody looks through it again.
	return { events, broken, nextCursor: String(read < limit ? newest : last) };
}
