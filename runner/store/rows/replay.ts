import {
	isOperationalType,
	isReceivedType,
	OPERATIONAL_TYPES,
	RECEIVED_TYPES,
	wants,
	type WebhookType,
} from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { Replay, ReplayRequest } from '../contract/replays.ts';
import { fromJson, type NewRow, type Row, word } from './columns.ts';

/** The events that a replay has still to do. */
export interface ReplayRange {
	/** Those up to here are done. */
	readonly position: number;
	readonly lastPosition: number;
	readonly types: readonly WebhookType[];
	readonly onlyFailed: boolean;
	readonly endpointId: string;
}

/** One transaction's share of a replay: requests that arrive meanwhile do not wait for all of it. */
export const REPLAY_STEP = 200;

/**
 * An endpoint that is owed as many waits for its replay's next part: so what is done of a replay has mostly arrived, a
 * cancelled one ends soon, and an event that happens now stands behind no more than this and one part.
 */
const ENOUGH_OWED = 200;

/** Of the running replays in `replays`, whether its endpoint has done most of what it is owed. `webhooks` is that table. */
export const hasRoom = (webhooks: string): string =>
	`(SELECT count(*) FROM (SELECT 1 FROM ${webhooks} w
		WHERE w.endpoint_id = replays.endpoint_id AND w.state IN ('pending', 'held') LIMIT ${ENOUGH_OWED}
	 ) owed) < ${ENOUGH_OWED}`;

const EVERY_TYPE: readonly WebhookType[] = [
	...Object.keys(RECEIVED_TYPES).filter(isReceivedType),
	...Object.keys(OPERATIONAL_TYPES).filter(isOperationalType),
];

/** The types of events that a replay is about: those that its endpoint wants. */
export const replayTypes = (
	{ types }: ReplayRequest,
	{ events }: Endpoint,
): readonly WebhookType[] =>
	EVERY_TYPE.filter((type) => wants(events, type) && (types?.some((one) => one === type) ?? true));

export function replayRow(id: string, range: ReplayRange, total: number, now: number): NewRow {
	return {
		id,
		endpoint_id: range.endpointId,
		status: 'running',
		position: range.position,
		last_position: range.lastPosition,
		types: JSON.stringify(range.types),
		only_failed: range.onlyFailed ? 1 : 0,
		replayed: 0,
		total,
		created_at: now,
	};
}

export function toReplay(row: Row): Replay {
	return {
		id: String(row.id),
		endpointId: String(row.endpoint_id),
		status: word(row.status),
		replayed: Number(row.replayed),
		total: Number(row.total),
		createdAt: Number(row.created_at),
	};
}

export function toRange(row: Row): ReplayRange {
	return {
		position: Number(row.position),
		lastPosition: Number(row.last_position),
		types: fromJson(row.types),
		onlyFailed: row.only_failed === 1,
		endpointId: String(row.endpoint_id),
	};
}
