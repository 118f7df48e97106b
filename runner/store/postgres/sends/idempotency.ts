import type { AcceptResult, Idempotency, SendAnswer } from '../../contract/sends.ts';
import type { NewRow } from '../../rows/columns.ts';
import {
	type FirstRequest,
	firstRequestRow,
	REPLACING,
	toFirstRequest,
} from '../../rows/idempotency.ts';
import { repeated } from '../../rules/idempotency.ts';
import type { KeyedRequest } from '../../rules/requests.ts';
import { ANSWERS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { inserted, valuesOf, write } from '../db/write-rows.ts';

/** One text for an API key and its idempotency key. */
export const keyOf = (apiKey: unknown, { key }: { readonly key?: unknown }): string =>
	JSON.stringify([apiKey, key]);

/** The answer to a repeat of an earlier request; undefined while the key is free. */
export async function findAnswer(
	sql: Sql,
	apiKey: string,
	idempotency: Idempotency,
	now: number,
): Promise<AcceptResult | undefined> {
	const [row] = await sql.rows(
		`SELECT body_hash, answer FROM sureping.idempotency
		 WHERE api_key = $1 AND key = $2 AND created_at > $3::bigint`,
		[apiKey, idempotency.key, now - ANSWERS_KEPT_MS],
	);
	return row && repeated(toFirstRequest(row), idempotency);
}

/**
 * Stores the answers to new keys, and returns the earlier requests of known ones. Waits for another process that is
 * accepting the same key.
 */
export async function rememberAnswers(
	sql: Sql,
	requests: readonly KeyedRequest[],
): Promise<ReadonlyMap<string, FirstRequest>> {
	const rows = new Map<string, NewRow>();
	for (const request of requests) {
		const { apiKey, idempotency } = request;
		if (!idempotency || rows.has(keyOf(apiKey, idempotency))) continue;
		rows.set(keyOf(apiKey, idempotency), firstRequestRow(request, idempotency));
	}
	if (rows.size === 0) return new Map();
	// Sorted, so that two groups with the same keys do not deadlock.
	const ordered = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
	const isOver = `idempotency.created_at <= excluded.created_at - ${ANSWERS_KEPT_MS}`;
	const again = `${REPLACING} WHERE ${isOver} RETURNING api_key, key`;
	const written = await write(sql, inserted('idempotency', ordered, again));
	for (const row of written) rows.delete(keyOf(row.api_key, row));
	if (rows.size === 0) return new Map();
	const found = await sql.rows(
		`SELECT i.api_key, i.key, i.body_hash, i.answer FROM sureping.idempotency i
		 JOIN unnest($1::text[], $2::text[]) AS u (api_key, key) USING (api_key, key)`,
		valuesOf(['api_key', 'key'], [...rows.values()]),
	);
	return new Map(found.map((row) => [keyOf(row.api_key, row), toFirstRequest(row)]));
}

/** Changes the answer that the transaction has stored for a new key. */
export function correctAnswer(
	sql: Transaction,
	apiKey: string,
	{ key }: Idempotency,
	answer: SendAnswer,
): void {
	sql.later('UPDATE sureping.idempotency SET answer = $3 WHERE api_key = $1 AND key = $2', [
		apiKey,
		key,
		JSON.stringify(answer),
	]);
}

/** Frees the keys of requests that were refused, so that they may be tried again. */
export function forgetRefused(
	sql: Transaction,
	requests: readonly Pick<KeyedRequest, 'apiKey' | 'idempotency'>[],
	answered: ReadonlyMap<string, FirstRequest>,
): void {
	const refused = requests.flatMap(({ apiKey, idempotency }) =>
		idempotency && !answered.has(keyOf(apiKey, idempotency))
			? [{ apiKey, key: idempotency.key }]
			: [],
	);
	if (refused.length === 0) return;
	sql.later(
		`DELETE FROM sureping.idempotency WHERE (api_key, key) IN (
			SELECT * FROM unnest($1::text[], $2::text[]))`,
		valuesOf(['apiKey', 'key'], refused),
	);
}
