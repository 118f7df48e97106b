import type { Endpoint } from '../../contract/endpoints.ts';
import {
	ALIGNED_TOGETHER,
	ALIGNMENTS,
	type EndpointState,
	hastenedDueAt,
} from '../../rules/held-webhooks.ts';
import type { Statements } from '../db/statements.ts';

/**
 * Brings a part of what is owed to an endpoint in line with what the endpoint is, the oldest first; the result is whether
 * there may be more. Whatever is owed from the change on is in line already.
 */
export function alignStep(
	sql: Statements,
	endpointId: string,
	endpoint: EndpointState,
	now: number,
): boolean {
	const { from, to } = ALIGNMENTS[endpoint];
	let left = ALIGNED_TOGETHER;
	for (const state of from) {
		left -= sql.run(
			`UPDATE webhook_deliveries SET state = ?, due_at = ? WHERE id IN (
			 SELECT id FROM webhook_deliveries WHERE endpoint_id = ? AND state = ? ORDER BY id LIMIT ?)`,
			to,
			to === 'pending' ? now : null,
			endpointId,
			state,
			left,
		).changes;
	}
	return left === 0;
}

/** Makes a part of what waits for its next attempt due, the oldest event first; the result is whether there may be more. */
export function hastenStep(sql: Statements, endpointId: string, now: number): boolean {
	const { changes } = sql.run(
		`UPDATE webhook_deliveries SET due_at = ${hastenedDueAt('?')} WHERE id IN (
		 SELECT id FROM webhook_deliveries WHERE endpoint_id = ? AND state = 'pending' AND due_at > ?
		 ORDER BY event_position LIMIT ?)`,
		now,
		endpointId,
		now,
		ALIGNED_TOGETHER,
	);
	return changes === ALIGNED_TOGETHER;
}

/** Endpoints that are owed something which is not in line, as after a crash in the middle, with what they are. */
export function misaligned(
	sql: Statements,
	endpoints: readonly Endpoint[],
): ReadonlyMap<string, EndpointState> {
	const found = new Map<string, EndpointState>();
	const known = new Map(endpoints.map(({ id, status }) => [id, status]));
	const next = (after: string): string | undefined => {
		const row = sql.get(
			'SELECT MIN(endpoint_id) AS id FROM webhook_deliveries WHERE endpoint_id > ?',
			after,
		);
		return typeof row?.id === 'string' ? row.id : undefined;
	};
	for (let id = next(''); id !== undefined; id = next(id)) {
		const endpoint = known.get(id) ?? 'gone';
		const isWrong = ALIGNMENTS[endpoint].from.some((state) =>
			sql.get(
				'SELECT 1 FROM webhook_deliveries WHERE endpoint_id = ? AND state = ? LIMIT 1',
				id,
				state,
			),
		);
		if (isWrong) found.set(id, endpoint);
	}
	return found;
}
