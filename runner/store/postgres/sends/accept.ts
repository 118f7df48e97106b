import type { NewRow } from '../../rows/columns.ts';
import { fromJson } from '../../rows/columns.ts';
import { deliveryRow } from '../../rows/delivery.ts';
import { notificationRow } from '../../rows/notification.ts';
import type { Acceptance, AcceptResult, Idempotency } from '../../contract/sends.ts';
import { ANSWERS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { quotasLeft } from './quotas.ts';
import { inserted, write, writeLater } from '../db/write-rows.ts';

const keyOf = (apiKey: string, { key }: Pick<Idempotency, 'key'>): string =>
	JSON.stringify([apiKey, key]);

/** Answers each acceptance; those that are new are in `accepted` and written, without their events. */
export async function acceptAll(
	sql: Transaction,
	acceptances: readonly Acceptance[],
): Promise<{ results: AcceptResult[]; accepted: readonly Acceptance[] }> {
	const earlier = await rememberAnswers(sql, acceptances);
	const left = await quotasLeft(sql, acceptances);
	const accepted: Acceptance[] = [];
	const answered = new Map<string, Earlier>(earlier);
	const results = acceptances.map((acceptance): AcceptResult => {
		const { apiKey, idempotency, answer } = acceptance;
		const name = idempotency && keyOf(apiKey, idempotency);
		const first = name === undefined ? undefined : answered.get(name);
		if (idempotency && first) return repeated(first, idempotency);
		if (!left.use(acceptance)) return { result: 'over_quota', answer };
		if (idempotency && name !== undefined) {
			answered.set(name, { bodyHash: idempotency.bodyHash, answer });
		}
		accepted.push(acceptance);
		return { result: 'accepted', answer };
	});
	left.store(sql);
	forgetRefused(sql, acceptances, answered);

	const deliveries: NewRow[] = [];
	const notifications = accepted.map(({ transition: { notification }, apiKey, callbacks = [] }) => {
		notification.deliveries.forEach((delivery, position) =>
			deliveries.push(deliveryRow(notification, delivery, position)),
		);
		return notificationRow(notification, apiKey, callbacks);
	});
	writeLater(sql, inserted('notifications', notifications), inserted('deliveries', deliveries));
	return { results, accepted };
}

/** A key whose request was refused may come again. */
function forgetRefused(
	sql: Transaction,
	acceptances: readonly Acceptance[],
	answered: ReadonlyMap<string, Earlier>,
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

interface Earlier {
	readonly bodyHash: string;
	readonly answer: AcceptResult['answer'];
}

const repeated = ({ bodyHash, answer }: Earlier, idempotency: Idempotency): AcceptResult => ({
	result: bodyHash === idempotency.bodyHash ? 'repeated' : 'conflict',
	answer,
});

/**
 * Remembers the answers to keys that are new, and gives those to keys that are not. Another process that is just
 * accepting the same key is waited for.
 */
async function rememberAnswers(
	sql: Sql,
	acceptances: readonly Acceptance[],
): Promise<ReadonlyMap<string, Earlier>> {
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
	// In one order, so that two groups with the same keys do not wait for each other.
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
