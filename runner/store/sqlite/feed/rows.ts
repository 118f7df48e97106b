import type { FeedEvent, OwnEvent, WebhookEvent } from '@sureping/engine';
import type { EventOrigin } from '../../contract/feed.ts';
import { fromJson } from '../../rows/columns.ts';
import { ABOUT_COLUMNS } from '../../rows/event.ts';
import { toOrigin } from '../../rows/event-origin.ts';
import type { PageQuery, PageRows } from '../../rules/feed-page.ts';
import { notificationOf } from '../../rules/owed-webhooks.ts';
import type { Found, Query, Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';
import { firstSince, positionOf } from './times.ts';

/** The types of events that most notifications have, whatever their channel. The others have an index: there may be few of one. */
const FREQUENT = ['notification.queued', 'notification.delivered'];

/** A condition on `e`, word for word that of the index `events_of_rare_types`, without which SQLite does not use it. */
const IS_RARE = `e.type NOT IN (${FREQUENT.map((type) => `'${type}'`).join(', ')})`;

interface NewEvent {
	readonly id: string;
	/** '' for an event about none. */
	readonly notificationId: string;
	readonly type: string;
	readonly body: string;
	readonly createdAt: number;
	readonly depth: number;
	/** Its webhook deliveries that have no row, as JSON. */
	readonly owed: string | null;
}

/** Appends an event to the feed and returns its position. */
export function insertEvent(sql: Statements, event: NewEvent): number {
	const { id, notificationId, type, body, createdAt, depth, owed } = event;
	return sql.run`INSERT INTO events (id, notification_id, type, body, created_at, depth, owed)
		VALUES (${id}, ${notificationId}, ${type}, ${body}, ${createdAt}, ${depth}, ${owed})`.id;
}

/** The events of the same notification before this one, or all so far. */
export function eventsBefore(
	sql: Statements,
	event: WebhookEvent,
	position = Number.MAX_SAFE_INTEGER,
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
	const row = sql.get`SELECT o.notification_id, o.depth, n.id IS NOT NULL AS is_kept, n.told
		FROM (SELECT depth, CASE WHEN type LIKE 'escalation.%' THEN body ->> 'notification_id'
			ELSE notification_id END AS notification_id FROM events WHERE id = ${eventId}) o
		LEFT JOIN notifications n ON n.id = o.notification_id
		WHERE o.notification_id <> ''`;
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

/**
 * The position before the first event that was stored at or after a time; that of the newest without one. `durable` is the
 * newest event that is on the disk: a crash of the machine may give a later position to another event.
 */
export async function positionSince(
	reader: Reader,
	time: number,
	durable: number,
): Promise<number> {
	const [first, ends] = await reader.read([firstSince(time), ENDS]);
	const { pruned, newest } = endsOf(ends, durable);
	const found = positionOf(first?.rows[0]);
	return Math.max(pruned, found === undefined ? newest : Math.min(found - 1, newest));
}

/** Selects the ends of the feed. */
const ENDS: Query = {
	sql: `SELECT (SELECT pruned_position FROM feed WHERE id = 1) AS pruned,
		(SELECT MAX(position) FROM events) AS newest`,
	values: [],
};

function endsOf(found: Found | undefined, durable: number): Pick<PageRows, 'pruned' | 'newest'> {
	const pruned = Number(found?.rows[0]?.pruned ?? 0);
	const newest = Math.min(durable, Number(found?.rows[0]?.newest ?? 0));
	return { pruned, newest: Math.max(pruned, newest) };
}

/**
 * One process writes, one transaction at a time, so `position` is commit order and a cursor is a position. Nothing after
 * `durable` is read.
 */
export async function readPage(
	reader: Pick<Reader, 'read'>,
	{ from, limit, filter: { types, isExcluding, condition } }: PageQuery,
	durable: number,
): Promise<PageRows> {
	const isRare = !isExcluding && types.every((type) => !FREQUENT.includes(type));
	const [ends, page] = await reader.read([
		ENDS,
		{
			sql: `SELECT e.position, e.id, e.body, ${ABOUT_COLUMNS}
			 FROM events e LEFT JOIN notifications n ON n.id = e.notification_id
			 WHERE e.position > ? AND e.position <= ? AND e.type ${isExcluding ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?))
			 ${condition} ${isRare ? `AND ${IS_RARE}` : ''} ORDER BY e.position LIMIT ?`,
			values: [from.after, durable, JSON.stringify(types), limit],
		},
	]);
	const { rows, isCut } = page ?? { rows: [], isCut: false };
	return { rows, goesOn: isCut || rows.length === limit, ...endsOf(ends, durable) };
}
