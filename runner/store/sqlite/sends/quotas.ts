import type { QuotaPeriod } from '../../contract/sends.ts';
import { QUOTAS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Statements } from '../db/statements.ts';

/** Counts one more notification; false when the quota was used up before. */
export function useQuota(sql: Statements, apiKey: string, { start, most }: QuotaPeriod): boolean {
	const { changes } = sql.run`INSERT INTO quota_use VALUES (${apiKey}, ${start}, 1)
		ON CONFLICT DO UPDATE SET notifications = notifications + 1 WHERE notifications < ${most}`;
	return changes > 0;
}

/** Notifications that a key has sent in the period that begins at `start`. */
export function quotaUsed(sql: Statements, apiKey: string, start: number): number {
	const row = sql.get`SELECT notifications FROM quota_use
		WHERE api_key = ${apiKey} AND period_start = ${start}`;
	return Number(row?.notifications ?? 0);
}

/** Removes up to `limit` counts of periods that are long over and returns their number. */
export function forgetQuotas(sql: Statements, now: number, limit: number): number {
	return sql.run`DELETE FROM quota_use WHERE (api_key, period_start) IN (
		SELECT api_key, period_start FROM quota_use
		WHERE period_start <= ${now - QUOTAS_KEPT_MS} LIMIT ${limit})`.changes;
}
