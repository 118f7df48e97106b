import type { OwnEvent } from '@sureping/engine';
import type { EventOrigin } from '../../contract/feed.ts';
import { fromJson } from '../../rows/columns.ts';
import { ABOUT_COLUMNS, ABOUT_MESSAGE } from '../../rows/event.ts';
import { toOrigin } from '../../rows/event-origin.ts';
import { MOST_PAGE_BYTES, type PageQuery, type PageRows } from '../../rules/feed-page.ts';
import type { Sql } from '../db/database.ts';
import { NEWEST } from './lock.ts';

/** Reads the events of notifications with their positions, by notification. */
export async function eventsOf(
	sql: Sql,
	notificationIds: readonly string[],
): Promise<Map<string, { readonly event: OwnEvent; readonly position: number }[]>> {
	const found = new Map<string, { event: OwnEvent; position: number }[]>();
	const rows = await sql.rows(
		`SELECT notification_id, position, body FROM sureping.events
		 WHERE notification_id = ANY($1::text[]) ORDER BY position`,
		[[...new Set(notificationIds)]],
	);
	for (const { notification_id, position, body } of rows) {
		const id = String(notification_id);
		const list = found.get(id) ?? [];
		list.push({ event: fromJson(body), position: Number(position) });
		found.set(id, list);
	}
	return found;
}

/** Finds the notification that an event is about and the depth of its chain of sends; undefined if it is not kept here. */
export async function findOrigin(sql: Sql, eventId: string): Promise<EventOrigin | undefined> {
	const [row] = await sql.rows(
		`SELECT o.notification_id, o.depth, n.id IS NOT NULL AS is_kept, n.told
		 FROM (SELECT depth, CASE WHEN type LIKE 'escalation.%' THEN body::json ->> 'notification_id'
			ELSE notification_id END AS notification_id FROM sureping.events WHERE id = $1) o
		 LEFT JOIN sureping.notifications n ON n.id = o.notification_id
		 WHERE o.notification_id <> ''`,
		[eventId],
	);
	return row && toOrigin(row);
}

/** Types of events that most notifications have, whatever their channel: a walk of the feed soon finds some. */
const COMMON = ['notification.queued', 'notification.delivered'] as const;

/**
 * Condition on an event `e`, of one of `types`: an index has the events of all other types, and is used where the statement
 * itself shows that they are wanted alone.
 */
export const isRareOf = (types: readonly string[]): string =>
	COMMON.some((type) => types.includes(type))
		? ''
		: `AND e.type NOT IN (${COMMON.map((type) => `'${type}'`).join(', ')})`;

/** The bytes of an event in a page. */
const SIZE = `(octet_length(body) + coalesce(octet_length(${ABOUT_MESSAGE}), 0))`;

/** One statement: events that are pruned meanwhile are either still there or reported as pruned. */
export async function readPage(
	sql: Sql,
	{ from, limit, filter: { types, isExcluding, condition } }: PageQuery,
): Promise<PageRows> {
	const found = await sql.rows(
		`SELECT feed.newest, feed.pruned_position, page.* FROM (
			SELECT pruned_position, ${NEWEST} FROM sureping.feed WHERE id = 1
		 ) feed LEFT JOIN (
			SELECT * FROM (
				SELECT *, sum(${SIZE}) OVER (ORDER BY position) AS bytes FROM (
					SELECT e.position, e.id, e.body, ${ABOUT_COLUMNS}
					FROM (
						SELECT position, id, notification_id, body FROM sureping.events e
						WHERE position > $1::bigint AND type ${isExcluding ? '<> ALL' : '= ANY'} ($3::text[])
						${isExcluding ? '' : isRareOf(types)} ${condition}
						ORDER BY position LIMIT $2::integer
					) e LEFT JOIN sureping.notifications n ON n.id = e.notification_id
				) matching
			) measured WHERE bytes - ${SIZE} < ${MOST_PAGE_BYTES}
		 ) page ON TRUE ORDER BY page.position`,
		[from.after, limit, types],
	);
	const newest = Number(found[0]?.newest ?? 0);
	const pruned = Number(found[0]?.pruned_position ?? 0);
	const rows = found.filter(({ position }) => position !== null);
	const goesOn = rows.length === limit || Number(rows.at(-1)?.bytes ?? 0) >= MOST_PAGE_BYTES;
	return { rows, goesOn, newest, pruned };
}

/** The position before the first event stored at or after `time` (milliseconds since 1970), or the newest one. */
export async function positionSince(sql: Sql, time: number): Promise<number> {
	const [row] = await sql.rows(
		`SELECT pruned_position AS pruned, ${NEWEST}, (
			SELECT position - 1 FROM sureping.events WHERE created_at >= $1::bigint
			ORDER BY created_at, position LIMIT 1
		 ) AS found FROM sureping.feed WHERE id = 1`,
		[time],
	);
	return Math.max(Number(row?.pruned ?? 0), Number(row?.found ?? row?.newest ?? 0));
}
