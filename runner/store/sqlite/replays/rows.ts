import type { FeedEvent, WebhookEvent } from '@sureping/engine';
import { hasRoom, type ReplayRange, replayRow, toRange, toReplay } from '../../rows/replay.ts';
import { newWebhook } from '../../rules/webhook-lanes.ts';
import { isReplayedTo, REPLAY_STEP, replayRange } from '../../rules/replays.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Replay, ReplayRequest } from '../../contract/replays.ts';
import { eventsBefore } from '../feed/rows.ts';
import { firstSince, lastUntil, positionOf } from '../feed/times.ts';
import type { Query, Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';
import type { Scope } from '../scope.ts';
import { type TypeFilter, typeFilter } from '../../rows/type-filter.ts';

/**
 * Events that one step looks at when only failed ones are replayed. There is no index of those in the order of the feed, so
 * few may be found among very many.
 */
const LOOKED_AT = 2_000;

/** A replay that is about to start. */
export interface NewReplay {
	readonly range: ReplayRange;
	readonly total: number;
}

/** Selects the position of the newest event. */
const NEWEST: Query = { sql: 'SELECT MAX(position) AS position FROM events', values: [] };

/** Fixes the range now, so that events that happen during the replay are not sent twice, and counts its events. */
export async function planReplay(
	request: ReplayRequest,
	endpoint: Endpoint,
	reader: Reader,
): Promise<NewReplay> {
	const { since, until } = request;
	const [first, end] = await reader.read([
		firstSince(since ?? 0),
		until === undefined ? NEWEST : lastUntil(until),
	]);
	const found = since === undefined ? undefined : positionOf(first?.rows[0]);
	const range = replayRange(request, endpoint, {
		beforeFirst: found === undefined ? undefined : found - 1,
		last: positionOf(end?.rows[0]) ?? 0,
	});
	const { sql: query, values } = countOf(range);
	const { rows } = await reader.find(query, ...values);
	return { range, total: Number(rows[0]?.n ?? 0) };
}

export function insertReplay(
	sql: Statements,
	{ range, total }: NewReplay,
	id: string,
	now: number,
): Replay {
	const row = replayRow(id, range, total, now);
	sql.insert('replays', row);
	return toReplay(row);
}

export function readReplay(sql: Statements, id: string): Replay | undefined {
	const row = sql.get`SELECT * FROM replays WHERE id = ${id}`;
	return row && toReplay(row);
}

export function isReplaying(sql: Statements): boolean {
	return sql.get`SELECT 1 FROM replays WHERE status = 'running' LIMIT 1` !== undefined;
}

/** Does one step of the oldest running replay whose endpoint has room; false when there is none. */
export function stepReplay(scope: Scope): boolean {
	const { sql, endpoints, webhookClaims } = scope;
	const now = scope.now();
	if (!isReplaying(sql)) return false;
	// The rows tell what an endpoint is owed already.
	webhookClaims.store();
	const row = sql.get(
		`SELECT * FROM replays WHERE status = 'running' AND ${hasRoom('webhook_deliveries')}
		 ORDER BY id LIMIT 1`,
	);
	if (!row) return false;
	const { id, endpointId, replayed } = toReplay(row);
	const endpoint = endpoints.find(endpointId);
	const range = toRange(row);
	const until = range.onlyFailed
		? Math.min(range.position + LOOKED_AT, range.lastPosition)
		: range.lastPosition;
	const step = nextOf(range, until);
	const found = endpoint ? sql.all(step.sql, ...step.values) : [];
	const positions = found.map(({ position }) => Number(position));
	const isAll = positions.length < REPLAY_STEP;
	for (const { position: at, body } of found) {
		const position = Number(at);
		const earlier = (event: WebhookEvent): readonly FeedEvent[] =>
			eventsBefore(sql, event, position);
		if (endpoint && isReplayedTo(endpoint, body, earlier)) {
			webhookClaims.owe(newWebhook({ endpoint }, now), position);
		}
	}
	const isDone = !endpoint || (isAll && until >= range.lastPosition);
	sql.run`UPDATE replays SET position = ${isAll ? until : (positions.at(-1) ?? until)},
		replayed = ${replayed + positions.length}, status = ${isDone ? 'done' : 'running'}
		WHERE id = ${id}`;
	return true;
}

/** Stops a running replay and returns the state that it was in. */
export function cancelReplay(sql: Statements, id: string): Replay['status'] | undefined {
	const before = readReplay(sql, id)?.status;
	sql.run`UPDATE replays SET status = 'cancelled' WHERE id = ${id} AND status = 'running'`;
	return before;
}

const NOT_OWED_SINCE = `
	AND NOT EXISTS (SELECT 1 FROM webhook_deliveries w
		WHERE w.event_position = e.position AND w.endpoint_id = ?
		AND w.state IN ('delivered', 'pending', 'held'))`;

/** Given up, and neither delivered nor owed since. */
const GIVEN_UP = `
	AND EXISTS (SELECT 1 FROM webhook_deliveries w
		WHERE w.event_position = e.position AND w.endpoint_id = ? AND w.state = 'exhausted' AND w.state <> 'delivered')
	${NOT_OWED_SINCE}`;

/** Takes two positions and the list of the types of the filter. */
const inRange = ({ condition }: TypeFilter): string => `e.position > ? AND e.position <= ?
	AND e.type IN (SELECT value FROM json_each(?)) ${condition}`;

/** The next events of a range, up to a position. */
function nextOf({ position, types, onlyFailed, endpointId }: ReplayRange, until: number): Query {
	const filter = typeFilter(types);
	return {
		sql: `SELECT position, body FROM events e WHERE ${inRange(filter)}
		 ${onlyFailed ? GIVEN_UP : ''} ORDER BY position LIMIT ${REPLAY_STEP}`,
		values: [
			position,
			until,
			JSON.stringify(filter.types),
			...(onlyFailed ? [endpointId, endpointId] : []),
		],
	};
}

/** Counts the events of a range. Few were given up, and CROSS JOIN has SQLite start with them. */
function countOf(range: ReplayRange): Query {
	const { position, lastPosition, onlyFailed, endpointId } = range;
	const filter = typeFilter(range.types);
	const values = [position, lastPosition, JSON.stringify(filter.types)];
	if (!onlyFailed) {
		return { sql: `SELECT count(*) AS n FROM events e WHERE ${inRange(filter)}`, values };
	}
	return {
		sql: `SELECT count(DISTINCT e.position) AS n
		 FROM webhook_deliveries x CROSS JOIN events e ON e.position = x.event_position
		 WHERE x.endpoint_id = ? AND x.state = 'exhausted' AND x.state <> 'delivered' AND ${inRange(filter)} ${NOT_OWED_SINCE}`,
		values: [endpointId, ...values, endpointId],
	};
}
