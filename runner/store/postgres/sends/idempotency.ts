import type { Acceptance, AcceptResult, Idempotency } from '../../contract/sends.ts';
import { fromJson, type NewRow } from '../../rows/columns.ts';
import { type FirstRequest, repeated } from '../../rules/idempotency.ts';
import { ANSWERS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { inserted, write } from '../db/write-rows.ts';

/** One text for an API key and its idempotency key. */
export const keyOf = (apiKey: string, { key }: Pick<Idempotency, 'key'>): string =>
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
	if (!row) return undefined;
	return repeated({ bodyHash: String(row.body_hash), answer: fromJson(row.answer) }, idempotency);
}

/**
 * Stores the answers to new keys, and returns the earlier requests of known ones. Waits for another process that is
 * accepting the same key.
 */
export async function rememberAnswers(
	sql: Sql,
	acceptances: readonly Acceptance[],
): Promise<ReadonlyMap<string, FirstRequest>> {
	const rows = new Map<string, NewRow>();
	for (const { apiKey, idempotency, answer, transition } of acceptances) {
		if (!idempotency || rows.has(keyOf(apiKey, idempotency))) continue;
		rows.set(keyOf(apiKey, idempotency), {
			api_key: apiKey,
			key: idempotency.key,
			body_hash: idempotency.bodyHash,
			answer: JSON.stringify(answer),
			created_at: transition.notification.createdAt,
		});
	}
	if (rows.size === 0) return new Map();
	// Sorted, so that two groups with the same keys do not deadlock.
	const ordered = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
	const written = await write(
		sql,
		inserted(
			'idempotency',
			ordered,
			`ON CONFLICT (api_key, key) DO UPDATE SET body_hash = excluded.body_hash,
			 answer = excluded.answer, created_at = excluded.created_at
			 WHERE idempotency.created_at <= excluded.created_at - ${ANSWERS_KEPT_MS}
			 RETURNING api_key, key`,
		),
	);
	const nameOf = (row: { api_key?: unknown; key?: unknown }): string =>
		keyOf(String(row.api_key), { key: String(row.key) });
	const isNew = new Set(written.map(nameOf));
	const known = ordered.filter((row) => !isNew.has(nameOf(row)));
	if (known.length === 0) return new Map();
	const found = await sql.rows(
		`SELECT i.api_key, i.key, i.body_hash, i.answer FROM sureping.idempotency i
		 JOIN unnest($1::text[], $2::text[]) AS u (api_key, key) USING (api_key, key)`,
		[known.map((row) => row.api_key ?? null), known.map((row) => row.key ?? null)],
	);
	return new Map(
		found.map((row) => [
			nameOf(row),
			{ bodyHash: String(row.body_hash), answer: fromJson(row.answer) },
		]),
	);
}

/** Frees the keys of requests that were refused, so that they may be tried again. */
export function forgetRefused(
	sql: Transaction,
	acceptances: readonly Acceptance[],
	answered: ReadonlyMap<string, FirstRequest>,
): void {
	const refused = acceptances.filter(
		({ apiKey, idempotency }) => idempotency && !answered.has(keyOf(apiKey, idempotency)),
	);
	if (refused.length === 0) return;
	sql.later(
		`DELETE FROM sureping.idempotency WHERE (api_key, key) IN (
			SELECT * FROM unnest($1::text[], $2::text[]))`,
		[refused.map(({ apiKey }) => apiKey), refused.map(({ idempotency }) => idempotency?.key ?? '')],
	);
}

/** Removes up to `limit` answers that are no longer kept, and returns their number. */
export async function forgetAnswers(sql: Sql, now: number, limit: number): Promise<number> {
	const rows = await sql.rows(
		`DELETE FROM sureping.idempotency WHERE (api_key, key) IN (
			SELECT api_key, key FROM sureping.idempotency WHERE created_at <= $1::bigint
			ORDER BY created_at LIMIT ${limit}) AND created_at <= $1::bigint RETURNING 1 AS one`,
		[now - ANSWERS_KEPT_MS],
	);
	return rows.length;
}
