import type { StoredWebhookState } from '../../contract/webhooks.ts';
import {
	ALIGNED_TOGETHER,
	ALIGNMENTS,
	askedAgain,
	type EndpointState,
	hastenedDueAt,
} from '../../rules/held-webhooks.ts';
import type { Statements } from '../db/statements.ts';
import type { Scope } from '../scope.ts';
import { NOT_DELIVERED } from './rows.ts';
import { storeFresh } from './stored.ts';

/**
 * Holds or releases the webhook deliveries owed to an endpoint by its state, part by part: there may be very many, and
 * other requests should not wait for all of them. Deliveries whose state is not up to date yet are not sent.
 */
export async function align(scope: Scope, endpointId: string): Promise<void> {
	const { sql, commits, endpoints, webhookClaims } = scope;
	await storeFresh(scope, endpointId);
	const step = (): boolean => {
		const state = endpoints.find(endpointId)?.status ?? 'gone';
		const isMore = alignStep(sql, endpointId, state, scope.now());
		if (state === 'enabled') webhookClaims.findQueues(endpointId);
		return isMore;
	};
	while (await commits.run(step));
}

/** Finishes alignments that a crash interrupted. */
export async function alignAll(scope: Scope): Promise<void> {
	for (const id of misaligned(scope)) await align(scope, id);
}

/** Makes deliveries that wait for their next attempt due, the oldest event first, part by part. */
export async function hasten(scope: Scope, endpointId: string): Promise<void> {
	const { sql, commits, webhookClaims } = scope;
	const now = scope.now();
	await storeFresh(scope, endpointId);
	const step = (): boolean => {
		const { changes } = sql.run(
			`UPDATE webhook_deliveries SET due_at = ${hastenedDueAt('?')} WHERE id IN (
			 SELECT id FROM webhook_deliveries
			 WHERE endpoint_id = ? AND state = 'pending' AND ${NOT_DELIVERED} AND due_at > ?
			 ORDER BY event_position LIMIT ?)`,
			now,
			endpointId,
			now,
			ALIGNED_TOGETHER,
		);
		webhookClaims.findQueues(endpointId);
		return changes === ALIGNED_TOGETHER;
	};
	while (await commits.run(step));
}

/**
 * Makes a webhook delivery in one of the states `from` due now, or holds it while its endpoint is disabled, in a transaction
 * of the caller's. Undefined where there is no such webhook delivery.
 */
export function makeDue(
	{ sql, commits, endpoints, webhookClaims, now }: Scope,
	id: string,
	from: readonly StoredWebhookState[],
): ReturnType<typeof askedAgain> | undefined {
	const row = sql.get`SELECT state, endpoint_id, lane, tries FROM webhook_deliveries WHERE id = ${id}`;
	if (!row) return undefined;
	const time = now();
	const asked = askedAgain(row, endpoints.find(String(row.endpoint_id)), from, time);
	if (asked.due) {
		const { state, dueAt } = asked.due;
		sql.run`UPDATE webhook_deliveries SET state = ${state}, due_at = ${dueAt} WHERE id = ${id}`;
		if (dueAt !== null) {
			commits.onceDurable(() => webhookClaims.expect(String(row.lane), Number(row.tries), time));
		}
	}
	return asked;
}

/** Aligns a part, the oldest first; true while there may be more. Whatever is owed after the change is in line already. */
function alignStep(
	sql: Statements,
	endpointId: string,
	endpoint: EndpointState,
	now: number,
): boolean {
	const { from, to } = ALIGNMENTS[endpoint];
	let left = ALIGNED_TOGETHER;
	for (const state of from) {
		left -=
			sql.run`UPDATE webhook_deliveries SET state = ${to}, due_at = ${to === 'pending' ? now : null}
			WHERE id IN (SELECT id FROM webhook_deliveries WHERE endpoint_id = ${endpointId}
				AND state = ${state} AND state <> 'delivered' ORDER BY id LIMIT ${left})`.changes;
	}
	return left === 0;
}

/** Ids of endpoints that are owed something which is not in line. */
function misaligned({ sql, endpoints }: Scope): readonly string[] {
	const next = (after: string): string | undefined => {
		const row = sql.get`SELECT MIN(endpoint_id) AS id FROM webhook_deliveries
			WHERE endpoint_id > ${after} AND state <> 'delivered'`;
		return typeof row?.id === 'string' ? row.id : undefined;
	};
	const found: string[] = [];
	const known = new Map(endpoints.all.map(({ id, status }) => [id, status]));
	for (let id = next(''); id !== undefined; id = next(id)) {
		const endpointId = id;
		const isWrong = ALIGNMENTS[known.get(id) ?? 'gone'].from.some(
			(state) =>
				sql.get`SELECT 1 FROM webhook_deliveries
					WHERE endpoint_id = ${endpointId} AND state = ${state} AND state <> 'delivered' LIMIT 1`,
		);
		if (isWrong) found.push(id);
	}
	return found;
}
