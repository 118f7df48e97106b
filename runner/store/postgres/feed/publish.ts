import {
	type OwnEvent,
	type FeedEvent,
	isOperational,
	type NewId,
	type OperationalEvent,
	type ReceivedType,
	type WebhookEvent,
} from '@sureping/engine';
import { readCursor } from '../../rules/feed-cursor.ts';
import { MOST_PAGE_BYTES, OPERATIONAL, type ReadPage, toReadPage } from '../../rules/feed-page.ts';
import {
	type Audience,
	hasLastWord,
	notificationOf,
	owedWebhooks,
} from '../../rules/owed-webhooks.ts';
import { fromJson, type NewRow } from '../../rows/columns.ts';
import { ABOUT_COLUMNS, ABOUT_MESSAGE, type AboutRules, TELLS_ALL } from '../../rows/event.ts';
import type { EventOrigin } from '../../contract/feed.ts';
import { toOrigin } from '../../rows/event-origin.ts';
import { webhookRow } from '../../rows/webhook.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Callback } from '../../contract/sends.ts';
import type { KnownMessage } from '../../rules/report-batches.ts';
import { firstDueAt, laneOf } from '../../rules/webhook-lanes.ts';
import type { Sql, Transaction, Value } from '../db/database.ts';
import type { KnownEndpoints } from '../endpoints/known.ts';
import { isReportWaiting, waitedFor } from '../reports/rows.ts';
import { inserted, unnested, valuesOf, writeLater } from '../db/write-rows.ts';
import { type TypeFilter, typeFilter } from '../../rows/type-filter.ts';

/** The key of the feed's advisory lock: any number that nothing else locks. */
const FEED_LOCK_KEY = 7_383_737_465;

/**
 * The position of the newest event ever published. Pruning starts with the oldest events, so the newest is either in the
 * table or the last that was pruned. A transaction that is rolled back uses up no position: gaps are pruned events only.
 */
const NEWEST =
	'greatest(feed.pruned_position, (SELECT max(position) FROM sureping.events)) AS newest';

/** Facts about the feed that hold until the transaction ends. Publishing moves `newest` on, so publish once. */
export interface FeedLock {
	/** The position of the feed's newest event. */
	readonly newest: number;
	/** Rises with every change to an endpoint. */
	readonly endpointsVersion: number;
}

/**
 * Locks the feed for writing until the transaction ends. PostgreSQL releases the lock after the commit is visible, so
 * positions are in commit order: a reader who has read up to a position has seen everything before it. A sequence cannot
 * promise that, since overlapping transactions draw numbers from it.
 *
 * The lock is an advisory one, not a row: while an old snapshot is open, such as a backup's, the versions of a row pile up
 * and every lock would walk through them. It is a statement of its own, because a statement sees what was committed before
 * it began, not before it got the lock.
 *
 * Other changes that must be seen in one order take the lock too: changes to endpoints, reports whose message may become
 * known meanwhile, and whatever keeps events from being pruned. To avoid deadlocks, notifications are locked before the
 * feed, never after.
 */
export async function lockFeed(sql: Transaction): Promise<FeedLock> {
	takeFeedLock(sql);
	const [row] = await sql.rows(
		`SELECT endpoints_version, ${NEWEST} FROM sureping.feed WHERE id = 1`,
	);
	if (!row) throw new Error('The feed has no row');
	return { newest: Number(row.newest), endpointsVersion: Number(row.endpoints_version) };
}

/** The newest position that is visible now. Without the feed lock, newer ones may be committed at any moment. */
export async function newestPosition(sql: Sql): Promise<number> {
	const [row] = await sql.rows(`SELECT ${NEWEST} FROM sureping.feed WHERE id = 1`);
	return Number(row?.newest ?? 0);
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

function takeFeedLock(sql: Transaction): void {
	sql.later(`SELECT pg_advisory_xact_lock(${FEED_LOCK_KEY})`);
}

/** An event to publish, with the callbacks of the send that it is about. */
export interface Publication {
	readonly event: WebhookEvent;
	readonly callbacks: readonly Callback[];
	/** The depth of its notification: see `Notification.depth`. */
	readonly depth: number;
}

/** Publishes an event about no notification of ours: one of an endpoint, or of another provider. */
export const publicationOf = (event: WebhookEvent): Publication => ({
	event,
	callbacks: [],
	depth: 0,
});

/** What publishing needs beside the transaction. */
export interface PublishContext {
	readonly endpoints: KnownEndpoints;
	readonly newId: NewId;
	now(): number;
}

/** Locks the feed and writes events together with the webhook deliveries that they are owed as. */
export async function publish(
	sql: Transaction,
	publications: readonly Publication[],
	context: PublishContext,
): Promise<void> {
	if (publications.length === 0 || publishAtOnce(sql, publications, context, [])) return;
	const lock = await lockFeed(sql);
	const endpoints = await context.endpoints.at(sql, lock.endpointsVersion);
	await publishLocked(sql, publications, lock, context, endpoints);
}

/**
 * Publishes without a round trip while the feed is locked, so that other processes wait less. It assumes that the endpoints
 * are as they were last read and that no report waits for one of `messages`. If not, the statement fails with a division by
 * zero, and the transaction is repeated step by step. Returns false, having done nothing, where that is not possible.
 */
export function publishAtOnce(
	sql: Transaction,
	publications: readonly Publication[],
	{ endpoints, newId, now }: PublishContext,
	messages: readonly KnownMessage[],
): boolean {
	const known = endpoints.remembered;
	if (!known || sql.isRepeated) return false;
	if (publications.some(({ callbacks }) => hasLastWord({ ...known, callbacks }))) return false;
	const rows = rowsOf(publications, 0, known.endpoints, new Map(), { newId, now: now() });
	const values: Value[] = [known.version];
	const noReport = messages.length === 0 ? '' : `AND NOT ${isReportWaiting(values.length + 1)}`;
	if (messages.length > 0) values.push(...waitedFor(messages));
	const parts = (['events', 'webhook_deliveries'] as const).flatMap((table) => {
		const [model] = rows[table];
		if (!model) return [];
		const position = table === 'events' ? 'position' : 'event_position';
		const columns = Object.keys(model);
		const from = unnested(table, columns, values.length + 1);
		values.push(...valuesOf(columns, rows[table]));
		const selected = columns.map((column) =>
			column === position ? `locked.newest + u.${column}` : `u.${column}`,
		);
		return [
			`${table} AS (INSERT INTO sureping.${table} (${columns.join(', ')})
			 SELECT ${selected.join(', ')} FROM locked, ${from} AS u (${columns.join(', ')}))`,
		];
	});
	takeFeedLock(sql);
	sql.later(
		`WITH locked AS MATERIALIZED (
			SELECT ${NEWEST} FROM sureping.feed
			WHERE id = 1 AND endpoints_version = $1::bigint ${noReport}
		 ), ${parts.join(', ')}
		 SELECT 1 / (SELECT count(*) FROM locked) AS guard`,
		values,
	);
	return true;
}

/** Publishes while the feed is locked: writes events after the newest, and the webhook deliveries that they are owed as. */
export async function publishLocked(
	sql: Transaction,
	publications: readonly Publication[],
	lock: FeedLock,
	{ newId, now }: Pick<PublishContext, 'newId' | 'now'>,
	endpoints: readonly Endpoint[],
): Promise<void> {
	const past = publications.some(({ callbacks }) => hasLastWord({ endpoints, callbacks }))
		? await eventsSoFar(
				sql,
				publications.map(({ event }) => event),
			)
		: new Map<string, FeedEvent[]>();
	const rows = rowsOf(publications, lock.newest, endpoints, past, { newId, now: now() });
	writeLater(
		sql,
		inserted('events', rows.events),
		inserted('webhook_deliveries', rows.webhook_deliveries),
	);
}

/**
 * Rows for events after position `last` and for the webhook deliveries that they are owed as. `past` holds the earlier
 * events by notification; the new ones are added to it.
 */
function rowsOf(
	publications: readonly Publication[],
	last: number,
	endpoints: readonly Endpoint[],
	past: Map<string, FeedEvent[]>,
	{ newId, now }: { newId: NewId; now: number },
): Record<'events' | 'webhook_deliveries', readonly NewRow[]> {
	const webhooks: NewRow[] = [];
	const events = publications.map(({ event, callbacks, depth }, i): NewRow => {
		const position = last + i + 1;
		const notificationId = notificationOf(event);
		const earlier = past.get(notificationId) ?? [];
		const audience: Audience = { endpoints, callbacks };
		for (const to of owedWebhooks(event, audience, () => earlier, now)) {
			const id = newId('whd');
			webhooks.push(webhookRow({ id, position, to, lane: laneOf(to), dueAt: firstDueAt(to, now) }));
		}
		if (notificationId !== '' && !isOperational(event)) {
			past.set(notificationId, [...earlier, event]);
		}
		return {
			position,
			id: event.event_id,
			notification_id: notificationId,
			type: event.event,
			body: JSON.stringify(event),
			created_at: now,
			depth,
		};
	});
	return { events, webhook_deliveries: webhooks };
}

/** Reads the earlier events of the notifications that `events` are about, by notification. */
async function eventsSoFar(
	sql: Sql,
	events: readonly WebhookEvent[],
): Promise<Map<string, FeedEvent[]>> {
	const ids = events.map(notificationOf).filter((id) => id !== '');
	return new Map(
		[...(await eventsOf(sql, ids))].map(([id, past]) => [id, past.map(({ event }) => event)]),
	);
}

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
		`SELECT e.notification_id, e.depth, n.id IS NOT NULL AS is_kept, n.told
		 FROM sureping.events e LEFT JOIN sureping.notifications n ON n.id = e.notification_id
		 WHERE e.id = $1 AND e.notification_id <> ''`,
		[eventId],
	);
	return row && toOrigin(row);
}

/** A page of delivery events; undefined when the cursor is not one that this feed gave. */
export async function readFeed(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
	types: readonly ReceivedType[] | undefined,
	rules: AboutRules,
): Promise<ReadPage<FeedEvent> | undefined> {
	return types
		? await readPage(sql, cursor, limit, '= ANY', typeFilter(types), rules)
		: await readPage(sql, cursor, limit, '<> ALL', ABOUT_ENDPOINTS, rules);
}

/** A page of operational events, those about endpoints. */
export async function readOperationalFeed(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
): Promise<ReadPage<OperationalEvent> | undefined> {
	return await readPage(sql, cursor, limit, '= ANY', ABOUT_ENDPOINTS, TELLS_ALL);
}

const ABOUT_ENDPOINTS: TypeFilter = { types: OPERATIONAL, condition: '' };

/** The bytes of an event in a page. */
const SIZE = `(octet_length(body) + coalesce(octet_length(${ABOUT_MESSAGE}), 0))`;

async function readPage<Event>(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
	relation: '= ANY' | '<> ALL',
	{ types, condition }: TypeFilter,
	rules: AboutRules,
): Promise<ReadPage<Event> | undefined> {
	const from = readCursor(cursor);
	if (!from) return undefined;
	// One statement: events that are pruned meanwhile are either still there or reported as pruned.
	const found = await sql.rows(
		`SELECT feed.newest, feed.pruned_position, page.* FROM (
			SELECT pruned_position, ${NEWEST} FROM sureping.feed WHERE id = 1
		 ) feed LEFT JOIN (
			SELECT * FROM (
				SELECT *, sum(${SIZE}) OVER (ORDER BY position) AS bytes FROM (
					SELECT e.position, e.id, e.body, ${ABOUT_COLUMNS}
					FROM (
						SELECT position, id, notification_id, body FROM sureping.events e
						WHERE position > $1::bigint AND type ${relation} ($3::text[]) ${condition}
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
	return toReadPage(rows, goesOn, from, { newest, pruned }, rules);
}
