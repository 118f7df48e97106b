import type {
	OwnEvent,
	FeedEvent,
	OperationalEvent,
	ReceivedType,
	WebhookEvent,
} from '@sureping/engine';
import { type ReadPage, toReadPage } from '../../rules/feed-page.ts';
import { notificationOf } from '../../rules/owed-webhooks.ts';
import { fromJson } from '../../rows/columns.ts';
import { ABOUT_COLUMNS, type AboutRules, TELLS_ALL } from '../../rows/event.ts';
import type { EventOrigin } from '../../contract/feed.ts';
import { toOrigin } from '../../rows/event-origin.ts';
import type { Reader } from '../db/reader.ts';
import { readCursor } from '../../rules/feed-cursor.ts';
import type { Statements } from '../db/statements.ts';
import { deliveryEvents, OPERATIONAL_EVENTS, type TypeFilter } from '../../rows/type-filter.ts';

/** The events of the same notification before this one. */
export function eventsBefore(
	sql: Statements,
	event: WebhookEvent,
	position: number,
): readonly FeedEvent[] {
	const notificationId = notificationOf(event);
	if (notificationId === '') return [];
	return sql.all`SELECT body FROM events
		WHERE notification_id = ${notificationId} AND position < ${position}`.map(({ body }) =>
		fromJson(body),
	);
}

/** The notification that an event is about and the depth of its chain of sends; undefined if it is not stored here. */
export function findOrigin(sql: Statements, eventId: string): EventOrigin | undefined {
	const row = sql.get`SELECT e.notification_id, e.depth, n.id IS NOT NULL AS is_kept, n.told
		FROM events e LEFT JOIN notifications n ON n.id = e.notification_id
		WHERE e.id = ${eventId} AND e.notification_id <> ''`;
	return row && toOrigin(row);
}

/** The id is that of an event of ours. */
export function isOurEvent(sql: Statements, eventId: string): boolean {
	return sql.get`SELECT 1 FROM events WHERE id = ${eventId}` !== undefined;
}

export function eventsOf(sql: Statements, notificationId: string): readonly OwnEvent[] {
	return sql.all`SELECT body FROM events
		WHERE notification_id = ${notificationId} ORDER BY position`.map(({ body }) => fromJson(body));
}

/** The position up to which events may have been removed. */
export function prunedPosition(sql: Statements): number {
	return Number(sql.get`SELECT pruned_position AS n FROM feed WHERE id = 1`?.n ?? 0);
}

/** The position before the first event that was stored at or after a time; that of the newest without one. */
export function positionSince(sql: Statements, time: number): number {
	const row = sql.get`SELECT (SELECT MAX(position) FROM events) AS newest, (SELECT position - 1 FROM events
		WHERE created_at >= ${time} ORDER BY created_at, position LIMIT 1) AS found`;
	return Math.max(prunedPosition(sql), Number(row?.found ?? row?.newest ?? 0));
}

/**
 * One process writes, one transaction at a time, so `position` is commit order and a cursor is a position.
 * Undefined when the cursor is not one that this feed gave.
 */
export async function readFeed(
	reader: Reader,
	cursor: string | undefined,
	limit: number,
	types: readonly ReceivedType[] | undefined,
	rules: AboutRules,
): Promise<ReadPage<FeedEvent> | undefined> {
	return await readPage(reader, cursor, limit, deliveryEvents(types), rules);
}

/** A page of operational events, as `readFeed`. */
export async function readOperationalFeed(
	reader: Reader,
	cursor: string | undefined,
	limit: number,
): Promise<ReadPage<OperationalEvent> | undefined> {
	return await readPage(reader, cursor, limit, OPERATIONAL_EVENTS, TELLS_ALL);
}

async function readPage<Event>(
	reader: Reader,
	cursor: string | undefined,
	limit: number,
	{ types, isExcluding, condition }: TypeFilter,
	rules: AboutRules,
): Promise<ReadPage<Event> | undefined> {
	const from = readCursor(cursor);
	if (!from) return undefined;
	const [ends, page] = await reader.read([
		{
			sql: `SELECT (SELECT pruned_position FROM feed WHERE id = 1) AS pruned,
				(SELECT MAX(position) FROM events) AS newest`,
			values: [],
		},
		{
			sql: `SELECT e.position, e.id, e.body, ${ABOUT_COLUMNS}
			 FROM events e LEFT JOIN notifications n ON n.id = e.notification_id
			 WHERE e.position > ? AND e.type ${isExcluding ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?)) ${condition}
			 ORDER BY e.position LIMIT ?`,
			values: [from.after, JSON.stringify(types), limit],
		},
	]);
	const pruned = Number(ends?.rows[0]?.pruned ?? 0);
	const newest = Math.max(pruned, Number(ends?.rows[0]?.newest ?? 0));
	const { rows, isCut } = page ?? { rows: [], isCut: false };
	const goesOn = isCut || rows.length === limit;
	return toReadPage(rows, goesOn, from, { newest, pruned }, rules);
}
