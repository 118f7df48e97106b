import type { Acceptance, KeyPeriod, QuotaPeriod } from '../../contract/sends.ts';
import { QUOTAS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Sql, Transaction } from '../db/database.ts';

/** The quotas of a group of acceptances. Their counts are locked until the group is committed. */
export interface QuotasLeft {
	/** Counts one notification; false if the quota was used up before. */
	use(acceptance: Acceptance): boolean;
	store(sql: Transaction): void;
}

const nameOf = (apiKey: string, { start }: Pick<QuotaPeriod, 'start'>): string =>
	JSON.stringify([apiKey, start]);

export async function quotasLeft(
	sql: Transaction,
	acceptances: readonly Acceptance[],
): Promise<QuotasLeft> {
	const periods = new Map<string, { apiKey: string; start: number }>();
	for (const { apiKey, quota } of acceptances) {
		if (quota) periods.set(nameOf(apiKey, quota), { apiKey, start: quota.start });
	}
	const used = new Map<string, number>();
	if (periods.size > 0) {
		// Sorted, so that two groups with the same keys do not deadlock.
		const ordered = [...periods].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, period]) => period);
		const values = [ordered.map(({ apiKey }) => apiKey), ordered.map(({ start }) => start)];
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
		for (const { api_key, period_start, notifications } of rows) {
			const name = nameOf(String(api_key), { start: Number(period_start) });
			used.set(name, Number(notifications));
		}
	}
	return {
		use({ apiKey, quota }) {
			if (!quota) return true;
			const name = nameOf(apiKey, quota);
			const before = used.get(name) ?? 0;
			if (before >= quota.most) return false;
			used.set(name, before + 1);
			return true;
		},
		store(within) {
			const all = [...periods].map(([name, period]) => ({ ...period, count: used.get(name) ?? 0 }));
			if (all.length === 0) return;
			within.later(
				`UPDATE sureping.quota_use q SET notifications = u.notifications
				 FROM unnest($1::text[], $2::bigint[], $3::bigint[])
				 AS u (api_key, period_start, notifications)
				 WHERE q.api_key = u.api_key AND q.period_start = u.period_start`,
				[
					all.map(({ apiKey }) => apiKey),
					all.map(({ start }) => start),
					all.map(({ count }) => count),
				],
			);
		},
	};
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
		[periods.map(({ apiKey }) => apiKey), periods.map(({ start }) => start)],
	);
	return rows.map(({ used }) => Number(used));
}

/** Removes up to `limit` counts of periods that are long over, and returns their number. */
export async function forgetQuotas(sql: Sql, now: number, limit: number): Promise<number> {
	const rows = await sql.rows(
		`DELETE FROM sureping.quota_use WHERE (api_key, period_start) IN (
			SELECT api_key, period_start FROM sureping.quota_use WHERE period_start <= $1::bigint
			LIMIT ${limit}) RETURNING 1 AS one`,
		[now - QUOTAS_KEPT_MS],
	);
	return rows.length;
}
