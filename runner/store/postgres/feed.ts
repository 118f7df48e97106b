import {
	type OwnEvent,
	type FeedEvent,
	isOperational,
	type NewId,
	type OperationalEvent,
	type ReceivedType,
	type WebhookEvent,
} from '@sureping/engine';
import { readCursor } from '../rules/feed-cursor.ts';
import { MOST_PAGE_BYTES, OPERATIONAL, type ReadPage, toReadPage } from '../rules/feed-page.ts';
import {
	type Audience,
	hasLastWord,
	notificationOf,
	owedWebhooks,
} from '../rules/owed-webhooks.ts';
import { fromJson, type NewRow } from '../rows/columns.ts';
import { ABOUT_COLUMNS, ABOUT_MESSAGE, type AboutRules, TELLS_ALL } from '../rows/event.ts';
import type { EventOrigin } from '../contract/feed.ts';
import { toOrigin } from '../rows/event-origin.ts';
import { webhookRow } from '../rows/webhook.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import type { Callback } from '../contract/sends.ts';
import type { KnownMessage } from '../rules/report-batches.ts';
import { firstDueAt, laneOf } from '../rules/webhook-lanes.ts';
import type { Sql, Transaction, Value } from './db/database.ts';
import type { KnownEndpoints } from './known-endpoints.ts';
import { isReportWaiting, waitedFor } from './report-rows.ts';
import { inserted, unnested, valuesOf, writeLater } from './db/write-rows.ts';
import { type TypeFilter, typeFilter } from '../rows/type-filter.ts';

/** Any number that nobody else locks. */
const TURN_LOCK = 7_383_737_465;

/**
 * The newest event that there ever was: events go from the oldest on, but for those that something pending needs, so it is
 * in the table or up to it events were pruned. What a transaction wrote that was rolled back does not count, so positions
 * have no gaps but where events were pruned.
 */
const NEWEST =
	'greatest(feed.pruned_position, (SELECT max(position) FROM sureping.events)) AS newest';

/** What holds until a transaction that has the turn ends. Good for telling once, as that moves `newest` on. */
export interface Turn {
	/** The position of the feed's newest event. */
	readonly newest: number;
	/** Rises with every change to an endpoint. */
	readonly endpointsVersion: number;
}

/**
 * Waits for the turn to write to the feed, and has it until the transaction ends: a lock is released after the commit can
 * be seen. Positions are therefore in the order of the commits: whoever reads up to a position has seen everything before
 * it. A sequence alone would not do, as it hands out numbers to transactions that overlap.
 *
 * No row stands for the turn: its versions would pile up for as long as anybody, such as a backup, looks at an old
 * snapshot, and every turn would go through them all. The lock is a statement of its own, as a statement sees what was
 * committed before it began, and not before it had the lock.
 *
 * What else must be seen in one order takes the turn too: changes to endpoints, reports whose message may become known
 * meanwhile, and what keeps events from being pruned. A transaction that has the turn waits for no notification: those are
 * locked before.
 */
export async function takeTurn(sql: Transaction): Promise<Turn> {
	lockTurn(sql);
	const [row] = await sql.rows(
		`SELECT endpoints_version, ${NEWEST} FROM sureping.feed WHERE id = 1`,
	);
	if (!row) throw new Error('The feed has no row');
	return { newest: Number(row.newest), endpointsVersion: Number(row.endpoints_version) };
}

/** Of those that can be seen; without the turn there may be newer ones before long. */
export async function newestPosition(sql: Sql): Promise<number> {
	const [row] = await sql.rows(`SELECT ${NEWEST} FROM sureping.feed WHERE id = 1`);
	return Number(row?.newest ?? 0);
}

/** The position before the first event that was stored at or after a time; that of the newest without one. */
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

function lockTurn(sql: Transaction): void {
	sql.later(`SELECT pg_advisory_xact_lock(${TURN_LOCK})`);
}

/** An event and the callbacks of the send that it is about. */
export interface Told {
	readonly event: WebhookEvent;
	readonly callbacks: readonly Callback[];
	/** Of the notification that it is about: see `Notification.depth`. */
	readonly depth: number;
}

/** An event about no notification of ours: of an endpoint, or of another provider. */
export const toldAlone = (event: WebhookEvent): Told => ({ event, callbacks: [], depth: 0 });

/** What events are written with. */
export interface Telling {
	readonly endpoints: KnownEndpoints;
	readonly newId: NewId;
	now(): number;
}

/** Takes the turn and writes events with the webhook deliveries that are owed from now on. */
export async function tell(
	sql: Transaction,
	told: readonly Told[],
	telling: Telling,
): Promise<void> {
	if (told.length === 0 || tellAtOnce(sql, told, telling, [])) return;
	const turn = await takeTurn(sql);
	const endpoints = await telling.endpoints.at(sql, turn.endpointsVersion);
	await tellInTurn(sql, told, turn, telling, endpoints);
}

/**
 * The same without waiting for an answer, so that nobody waits for this process while it has the turn. That takes for
 * granted that the endpoints are as they were last read, and that no report waits for one of `messages`: if it is not so,
 * the statement fails by a division by zero, and the transaction is repeated step by step.
 * False when it cannot be done so; then nothing was.
 */
export function tellAtOnce(
	sql: Transaction,
	told: readonly Told[],
	{ endpoints, newId, now }: Telling,
	messages: readonly KnownMessage[],
): boolean {
	const known = endpoints.remembered;
	if (!known || sql.isRepeated) return false;
	if (told.some(({ callbacks }) => hasLastWord({ ...known, callbacks }))) return false;
	const rows = rowsOf(told, 0, known.endpoints, new Map(), { newId, now: now() });
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
			column === position ? `turn.newest + u.${column}` : `u.${column}`,
		);
		return [
			`${table} AS (INSERT INTO sureping.${table} (${columns.join(', ')})
			 SELECT ${selected.join(', ')} FROM turn, ${from} AS u (${columns.join(', ')}))`,
		];
	});
	lockTurn(sql);
	sql.later(
		`WITH turn AS MATERIALIZED (
			SELECT ${NEWEST} FROM sureping.feed
			WHERE id = 1 AND endpoints_version = $1::bigint ${noReport}
		 ), ${parts.join(', ')}
		 SELECT 1 / (SELECT count(*) FROM turn) AS guard`,
		values,
	);
	return true;
}

/** Writes events after the newest, with the webhook deliveries that are owed from now on. */
export async function tellInTurn(
	sql: Transaction,
	told: readonly Told[],
	turn: Turn,
	{ newId, now }: Pick<Telling, 'newId' | 'now'>,
	endpoints: readonly Endpoint[],
): Promise<void> {
	const past = told.some(({ callbacks }) => hasLastWord({ endpoints, callbacks }))
		? await eventsSoFar(
				sql,
				told.map(({ event }) => event),
			)
		: new Map<string, FeedEvent[]>();
	const rows = rowsOf(told, turn.newest, endpoints, past, { newId, now: now() });
	writeLater(
		sql,
		inserted('events', rows.events),
		inserted('webhook_deliveries', rows.webhook_deliveries),
	);
}

/** The rows of events after position `last`, and of the webhook deliveries that are owed. `past` takes in the events. */
function rowsOf(
	told: readonly Told[],
	last: number,
	endpoints: readonly Endpoint[],
	past: Map<string, FeedEvent[]>,
	{ newId, now }: { newId: NewId; now: number },
): Record<'events' | 'webhook_deliveries', readonly NewRow[]> {
	const webhooks: NewRow[] = [];
	const events = told.map(({ event, callbacks, depth }, i): NewRow => {
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

/** The events of these events' notifications that are in the feed, by notification. */
async function eventsSoFar(
	sql: Sql,
	events: readonly WebhookEvent[],
): Promise<Map<string, FeedEvent[]>> {
	const ids = events.map(notificationOf).filter((id) => id !== '');
	return new Map(
		[...(await eventsOf(sql, ids))].map(([id, past]) => [id, past.map(({ event }) => event)]),
	);
}

/** The events of notifications with their positions, by notification. */
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

/** The notification that an event is about and how deep its chain of sends is; undefined for what is not kept here. */
export async function findOrigin(sql: Sql, eventId: string): Promise<EventOrigin | undefined> {
	const [row] = await sql.rows(
		`SELECT e.notification_id, e.depth, n.id IS NOT NULL AS is_kept, n.told
		 FROM sureping.events e LEFT JOIN sureping.notifications n ON n.id = e.notification_id
		 WHERE e.id = $1 AND e.notification_id <> ''`,
		[eventId],
	);
	return row && toOrigin(row);
}

/** Undefined when the cursor is not one that this feed gave. */
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

/** The same of what happened to endpoints. */
export async function readOperationalFeed(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
): Promise<ReadPage<OperationalEvent> | undefined> {
	return await readPage(sql, cursor, limit, '= ANY', ABOUT_ENDPOINTS, TELLS_ALL);
}

const ABOUT_ENDPOINTS: TypeFilter = { types: OPERATIONAL, condition: '' };

/** Of an event on its way to a page. */
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
	// In one statement, so that what is pruned meanwhile is told or still there.
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
