import type { FeedEvent, OwnEvent, WebhookEvent } from '@sureping/engine';
import type { EventOrigin } from '../../contract/feed.ts';
import { fromJson } from '../../rows/columns.ts';
import { ABOUT_COLUMNS } from '../../rows/event.ts';
import { toOrigin } from '../../rows/event-origin.ts';
import type { PageQuery, PageRows } from '../../rules/feed-page.ts';
import { notificationOf } from '../../rules/owed-webhooks.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';

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

/** One process writes, one transaction at a time, so `position` is commit order and a cursor is a position. */
export async function readPage(
	reader: Reader,
	{ from, limit, filter: { types, isExcluding, condition } }: PageQuery,
): Promise<PageRows> {
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
	return { rows, goesOn: isCut || rows.length === limit, newest, pruned };
}
