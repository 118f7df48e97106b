import type { WebhookType } from '@sureping/engine';
import type { Replay } from '../contract/replays.ts';
import { fromJson, type NewRow, type Row, word } from './columns.ts';

/** The events that a replay still has to send. */
export interface ReplayRange {
	/** The position up to which events are done. */
	readonly position: number;
	readonly lastPosition: number;
	readonly types: readonly WebhookType[];
	readonly onlyFailed: boolean;
	readonly endpointId: string;
}

/**
 * A replay pauses while its endpoint is owed as many webhook deliveries. So most replayed events have arrived, a
 * cancelled replay ends soon, and a new event waits behind no more than these and one part.
 */
const ENOUGH_OWED = 200;

/** Condition on a row of `replays`: its endpoint is not owed too much. `webhooks` is the table of webhook deliveries. */
export const hasRoom = (webhooks: string): string =>
	`(SELECT count(*) FROM (SELECT 1 FROM ${webhooks} w
		WHERE w.endpoint_id = replays.endpoint_id AND w.state IN ('pending', 'held') AND w.state <> 'delivered' LIMIT ${ENOUGH_OWED}
	 ) owed) < ${ENOUGH_OWED}`;

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
