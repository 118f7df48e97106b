import type { FeedEvent, NewId, WebhookEvent } from '@sureping/engine';
import { hasLastWord, notificationOf } from '../../rules/owed-webhooks.ts';
import { fromJson, type NewRow, optionalNumber, type Row, word } from '../../rows/columns.ts';
import { hasRoom, type ReplayRange, replayRow, toRange, toReplay } from '../../rows/replay.ts';
import { isReplayedTo, REPLAY_STEP, replayRange } from '../../rules/replays.ts';
import { webhookRow } from '../../rows/webhook.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Replay, ReplayRequest } from '../../contract/replays.ts';
import { newWebhook } from '../../rules/webhook-lanes.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { lockFeed, newestPosition } from '../feed/lock.ts';
import { eventsOf, isRareOf } from '../feed/rows.ts';
import type { Scope } from '../scope.ts';
import { columnsOf } from '../db/tables.ts';
import { inserted, write } from '../db/write-rows.ts';
import { typeFilter } from '../../rows/type-filter.ts';

/** Starts a replay. Fixes its range now, so that events published meanwhile are not sent twice. */
export async function insertReplay(
	sql: Transaction,
	request: ReplayRequest,
	endpoint: Endpoint,
	id: string,
	now: number,
): Promise<Replay> {
	const { since, until } = request;
	const position = async (text: string, time: number): Promise<number | undefined> =>
		optionalNumber((await sql.rows(text, [time]))[0]?.n ?? null);
	const beforeFirst =
		since === undefined
			? undefined
			: await position(
					`SELECT position - 1 AS n FROM sureping.events WHERE created_at >= $1::bigint
					 ORDER BY created_at, position LIMIT 1`,
					since,
				);
	const last =
		until === undefined
			? await newestPosition(sql)
			: await position(
					`SELECT position AS n FROM sureping.events WHERE created_at <= $1::bigint
					 ORDER BY created_at DESC, position DESC LIMIT 1`,
					until,
				);
	const range = replayRange(request, endpoint, { beforeFirst, last: last ?? 0 });
	const [count] = await select(sql, 'count(*) AS n', range);
	const row = replayRow(id, range, Number(count?.n ?? 0), now);
	// Counting may take long, so it runs before the feed is locked. The lock keeps a pruning that does not see the replay out.
	await lockFeed(sql);
	await write(sql, inserted('replays', [row]));
	return toReplay(row);
}

export async function readReplay(sql: Sql, id: string): Promise<Replay | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('replays')} FROM sureping.replays WHERE id = $1`,
		[id],
	);
	return row && toReplay(row);
}

export async function isReplaying(sql: Sql): Promise<boolean> {
	const rows = await sql.rows(
		"SELECT 1 AS one FROM sureping.replays WHERE status = 'running' LIMIT 1",
	);
	return rows.length > 0;
}

/**
 * Does a step of the oldest running replay whose endpoint has room and that no other process works on; false if there is
 * none.
 */
export async function stepReplay(
	sql: Transaction,
	{ endpoints: known, newId, now }: Pick<Scope, 'endpoints' | 'newId' | 'now'>,
): Promise<boolean> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('replays')} FROM sureping.replays
		 WHERE status = 'running' AND ${hasRoom('sureping.webhook_deliveries')}
		 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`,
	);
	if (!row) return false;
	const { id, endpointId, replayed } = toReplay(row);
	const range = toRange(row);
	// Finding them may take long, so it runs before the feed is locked.
	const found = await select(sql, 'position, body', range, REPLAY_STEP);
	// The lock keeps the endpoint and the events as they are until the webhook deliveries are written.
	const { endpointsVersion } = await lockFeed(sql);
	const endpoints = await known.at(sql, endpointsVersion);
	const endpoint = endpoints.find((one) => one.id === endpointId);
	const current = endpoint ? await stillThere(sql, range, found) : [];
	if (endpoint) {
		const webhooks = await owed(sql, endpoint, current, newId, now());
		await write(sql, inserted('webhook_deliveries', webhooks));
	}
	await sql.rows(
		`UPDATE sureping.replays SET position = $2::bigint, replayed = $3::bigint, status = $4
		 WHERE id = $1`,
		[
			id,
			Number(found.at(-1)?.position ?? range.position),
			replayed + current.length,
			endpoint === undefined || found.length < REPLAY_STEP ? 'done' : 'running',
		],
	);
	return true;
}

/** The webhook deliveries of a step. */
async function owed(
	sql: Sql,
	endpoint: Endpoint,
	found: readonly Row[],
	newId: NewId,
	now: number,
): Promise<readonly NewRow[]> {
	const past = hasLastWord({ endpoints: [endpoint], callbacks: [] })
		? await eventsOf(sql, found.flatMap(notificationIdOf))
		: new Map<string, never[]>();
	const to = { endpoint };
	return found.flatMap((row) => {
		const position = Number(row.position);
		const earlier = (event: WebhookEvent): readonly FeedEvent[] =>
			(past.get(notificationOf(event)) ?? [])
				.filter((one) => one.position < position)
				.map((one) => one.event);
		if (!isReplayedTo(endpoint, row.body, earlier)) return [];
		return [webhookRow({ id: newId('whd'), position, ...newWebhook(to, now) })];
	});
}

/** The notification of an event; none for one that is unreadable or not about a notification. */
function notificationIdOf({ body }: Row): readonly string[] {
	try {
		const id = notificationOf(fromJson<WebhookEvent>(body));
		return id === '' ? [] : [id];
	} catch {
		return [];
	}
}

/** Stops a running replay, and returns the state that it was in. */
export async function cancelReplay(sql: Sql, id: string): Promise<Replay['status'] | undefined> {
	const [row] = await sql.rows('SELECT status FROM sureping.replays WHERE id = $1 FOR UPDATE', [
		id,
	]);
	if (!row) return undefined;
	await sql.rows(
		"UPDATE sureping.replays SET status = 'cancelled' WHERE id = $1 AND status = 'running'",
		[id],
	);
	return word(row.status);
}

/** Condition on an event: its webhook was given up, and is neither delivered nor owed since. */
const givenUpBy = (endpoint: '$2' | '$4'): string => `
	AND EXISTS (SELECT 1 FROM sureping.webhook_deliveries w
		WHERE w.event_position = e.position AND w.endpoint_id = ${endpoint} AND w.state = 'exhausted')
	AND NOT EXISTS (SELECT 1 FROM sureping.webhook_deliveries w
		WHERE w.event_position = e.position AND w.endpoint_id = ${endpoint}
		AND w.state IN ('delivered', 'pending', 'held'))`;

/** The events among `found` that were neither pruned nor, for `onlyFailed`, sent meanwhile. */
async function stillThere(
	sql: Sql,
	{ onlyFailed, endpointId }: ReplayRange,
	found: readonly Row[],
): Promise<readonly Row[]> {
	const rows = await sql.rows(
		`SELECT position FROM sureping.events e WHERE position = ANY($1::bigint[])
		 ${onlyFailed ? givenUpBy('$2') : ''}`,
		[found.map(({ position }) => Number(position)), ...(onlyFailed ? [endpointId] : [])],
	);
	const positions = new Set(rows.map(({ position }) => Number(position)));
	return found.filter(({ position }) => positions.has(Number(position)));
}

async function select(
	sql: Sql,
	columns: 'position, body' | 'count(*) AS n',
	{ position, lastPosition, types, onlyFailed, endpointId }: ReplayRange,
	limit?: number,
): Promise<readonly Row[]> {
	const filter = typeFilter(types);
	return await sql.rows(
		`SELECT ${columns} FROM sureping.events e
		 WHERE position > $1::bigint AND position <= $2::bigint AND type = ANY($3::text[])
		 ${isRareOf(filter.types)} ${filter.condition}
		 ${onlyFailed ? givenUpBy('$4') : ''} ${limit === undefined ? '' : `ORDER BY position LIMIT ${limit}`}`,
		[position, lastPosition, filter.types, ...(onlyFailed ? [endpointId] : [])],
	);
}
