import {
	type DeliveryEvent,
	type FeedEvent,
	isOperational,
	type NewId,
	type OperationalEvent,
	type ReceivedType,
	type WebhookEvent,
} from '@sureping/engine';
import type { Broken } from '../broken.ts';
import { MOST_PAGE_BYTES, OPERATIONAL, type ReadPage } from '../event-pages.ts';
import { type Audience, hasLastWord, notificationOf, owedWebhooks } from '../owed-webhooks.ts';
import { fromJson, type NewRow } from '../rows/columns.ts';
import { webhookRow } from '../rows/webhook.ts';
import type { Callback, Endpoint } from '../store.ts';
import { firstDueAt, laneOf } from '../webhook-lanes.ts';
import type { Sql, Transaction, Value } from './database.ts';
import type { KnownEndpoints } from './known-endpoints.ts';
import { inserted, unnested, valuesOf, writeLater } from './write-rows.ts';

export interface Turn {
	/** The position of the feed's newest event, those included that the turn was taken for. */
	readonly position: number;
	/** Rises with every change to an endpoint. */
	readonly endpointsVersion: number;
	/** Whether there ever were reports that nobody was known to wait for. */
	readonly hasReports: boolean;
}

/**
 * Waits for the turn to write to the feed, and has it until the transaction ends. The positions that it hands out are
 * therefore in the order of the commits, without a gap: whoever reads up to a position has seen everything before it.
 * A sequence would not do, as it hands out numbers to transactions that overlap.
 *
 * What else must be seen in one order takes the turn too: changes to endpoints, and reports whose message may become
 * known meanwhile. A transaction that has the turn waits for no notification: those are locked before.
 */
export async function takeTurn(
	sql: Sql,
	{
		events = 0,
		endpoints = 0,
		reports = 0,
	}: { events?: number; endpoints?: 0 | 1; reports?: 0 | 1 },
): Promise<Turn> {
	const [row] = await sql.rows(
		`UPDATE sureping.feed SET position = position + $1::bigint,
		 endpoints_version = endpoints_version + $2::bigint, reports_kept = reports_kept + $3::bigint
		 WHERE id = 1 RETURNING position, endpoints_version, reports_kept`,
		[events, endpoints, reports],
	);
	if (!row) throw new Error('The feed has no row');
	return {
		position: Number(row.position),
		endpointsVersion: Number(row.endpoints_version),
		hasReports: Number(row.reports_kept) > 0,
	};
}

/** An event and the callbacks of the send that it is about. */
export interface Told {
	readonly event: WebhookEvent;
	readonly callbacks: readonly Callback[];
}

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
	if (told.length === 0 || tellAtOnce(sql, told, telling, false)) return;
	const turn = await takeTurn(sql, { events: told.length });
	await tellInTurn(
		sql,
		told,
		turn,
		telling,
		await telling.endpoints.at(sql, turn.endpointsVersion),
	);
}

/**
 * The same in one statement, so that nobody waits for this process to answer while it has the turn. That takes for
 * granted that the endpoints are as they were last read, and, where `withoutReports`, that no report waits for a message:
 * if it is not so, the statement fails by a division by zero, and the transaction is repeated step by step.
 * False when it cannot be done so; then nothing was.
 */
export function tellAtOnce(
	sql: Transaction,
	told: readonly Told[],
	{ endpoints, newId, now }: Telling,
	withoutReports: boolean,
): boolean {
	const known = endpoints.remembered;
	if (!known || sql.isRepeated) return false;
	if (told.some(({ callbacks }) => hasLastWord({ ...known, callbacks }))) return false;
	const rows = rowsOf(told, 0, known.endpoints, new Map(), { newId, now: now() });
	const values: Value[] = [told.length, known.version, withoutReports ? 1 : 0];
	const parts = (['events', 'webhook_deliveries'] as const).flatMap((table) => {
		const [model] = rows[table];
		if (!model) return [];
		const position = table === 'events' ? 'position' : 'event_position';
		const columns = Object.keys(model);
		const from = unnested(table, columns, values.length + 1);
		values.push(...valuesOf(columns, rows[table]));
		const selected = columns.map((column) =>
			column === position ? `turn.position - $1::bigint + u.${column}` : `u.${column}`,
		);
		return [
			`${table} AS (INSERT INTO sureping.${table} (${columns.join(', ')})
			 SELECT ${selected.join(', ')} FROM turn, ${from} AS u (${columns.join(', ')}))`,
		];
	});
	sql.later(
		`WITH turn AS (
			UPDATE sureping.feed SET position = position + $1::bigint
			WHERE id = 1 AND endpoints_version = $2::bigint AND ($3::integer = 0 OR reports_kept = 0)
			RETURNING position
		 ), ${parts.join(', ')}
		 SELECT 1 / (SELECT count(*) FROM turn) AS guard`,
		values,
	);
	return true;
}

/** Writes events at the end of the turn's positions, with the webhook deliveries that are owed from now on. */
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
	const first = turn.position - told.length;
	const rows = rowsOf(told, first, endpoints, past, { newId, now: now() });
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
	const events = told.map(({ event, callbacks }, i): NewRow => {
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
): Promise<Map<string, { readonly event: DeliveryEvent; readonly position: number }[]>> {
	const found = new Map<string, { event: DeliveryEvent; position: number }[]>();
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

/** Undefined when the cursor is not one that this feed gave. */
export async function readFeed(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
	types: readonly ReceivedType[] | undefined,
): Promise<ReadPage<FeedEvent> | undefined> {
	return types
		? await readPage(sql, cursor, limit, '= ANY', types)
		: await readPage(sql, cursor, limit, '<> ALL', OPERATIONAL);
}

/** The same of what happened to endpoints. */
export async function readOperationalFeed(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
): Promise<ReadPage<OperationalEvent> | undefined> {
	return await readPage(sql, cursor, limit, '= ANY', OPERATIONAL);
}

async function readPage<Event>(
	sql: Sql,
	cursor: string | undefined,
	limit: number,
	relation: '= ANY' | '<> ALL',
	types: readonly string[],
): Promise<ReadPage<Event> | undefined> {
	const [feed] = await sql.rows('SELECT position, pruned_position FROM sureping.feed WHERE id = 1');
	const newest = Number(feed?.position ?? 0);
	const after = Number(cursor ?? 0);
	if (cursor !== undefined && (!/^\d{1,15}$/.test(cursor) || after > newest)) return undefined;
	// Without a cursor the feed starts at the oldest that is kept.
	if (cursor !== undefined && after < Number(feed?.pruned_position ?? 0)) {
		return { events: [], broken: [], nextCursor: '0', isPruned: true };
	}
	const rows = await sql.rows(
		`SELECT position, id, body FROM (
			SELECT position, id, body, sum(octet_length(body)) OVER (ORDER BY position) AS bytes FROM (
				SELECT position, id, body FROM sureping.events
				WHERE position > $1::bigint AND type ${relation} ($3::text[])
				ORDER BY position LIMIT $2::integer
			) page
		 ) measured WHERE bytes - octet_length(body) < ${MOST_PAGE_BYTES} ORDER BY position`,
		[after, limit, types],
	);
	const events: Event[] = [];
	const broken: Broken[] = [];
	let bytes = 0;
	for (const { id, body } of rows) {
		bytes += String(body).length;
		try {
			events.push(fromJson<Event>(body));
		} catch (error) {
			broken.push({ id: String(id), error });
		}
	}
	const last = Number(rows.at(-1)?.position ?? after);
	// At the end of the feed the cursor moves past what did not match, so that nobody looks through it again.
	const isEnd = rows.length < limit && bytes < MOST_PAGE_BYTES;
	return { events, broken, nextCursor: String(isEnd ? Math.max(newest, last) : last) };
}
