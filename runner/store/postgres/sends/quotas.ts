import type { KeyPeriod } from '../../contract/sends.ts';
import { type CountedRequest, QuotaCounts } from '../../rules/quotas.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { valuesOf } from '../db/write-rows.ts';

/** Locks the counts of a group of requests until it is committed; in order, so that two groups do not deadlock. */
export async function lockQuotas(
	sql: Transaction,
	requests: readonly CountedRequest[],
): Promise<QuotaCounts> {
	const counts = new QuotaCounts(requests);
	if (counts.all.length === 0) return counts;
	const values = valuesOf(['apiKey', 'start'], counts.all);
	sql.later(
		`INSERT INTO sureping.quota_use SELECT *, 0 FROM unnest($1::text[], $2::bigint[])
		 ON CONFLICT DO NOTHING`,
		values,
	);
	const rows = await sql.rows(
		`SELECT q.api_key, q.period_start, q.notifications FROM sureping.quota_use q
		 JOIN unnest($1::text[], $2::bigint[]) AS u (api_key, period_start)
		 USING (api_key, period_start) ORDER BY q.api_key, q.period_start FOR UPDATE OF q`,
		values,
	);
	for (const { api_key, period_start, notifications: used } of rows) {
		counts.adopt({ apiKey: String(api_key), start: Number(period_start), used: Number(used) });
	}
	return counts;
}

export function storeQuotas(sql: Transaction, { all }: QuotaCounts): void {
	if (all.length === 0) return;
	sql.later(
		`UPDATE sureping.quota_use q SET notifications = u.notifications
		 FROM unnest($1::text[], $2::bigint[], $3::bigint[])
		 AS u (api_key, period_start, notifications)
		 WHERE q.api_key = u.api_key AND q.period_start = u.period_start`,
		valuesOf(['apiKey', 'start', 'used'], all),
	);
}

/** Notifications sent in each period, in the order of `periods`. */
export async function quotaUse(
	sql: Sql,
	periods: readonly KeyPeriod[],
): Promise<readonly number[]> {
	const rows = await sql.rows(
		`SELECT coalesce(q.notifications, 0) AS used
		 FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS u (api_key, period_start, place)
		 LEFT JOIN sureping.quota_use q USING (api_key, period_start) ORDER BY u.place`,
		valuesOf(['apiKey', 'start'], periods),
	);
	return rows.map(({ used }) => Number(used));
}
