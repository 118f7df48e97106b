import type { QuotaPeriod } from '../../contract/sends.ts';
import { hasRoom } from '../../rules/quotas.ts';
import type { Statements } from '../db/statements.ts';

/** Counts one more notification; false when the quota was used up before. */
export function useQuota(sql: Statements, apiKey: string, quota: QuotaPeriod): boolean {
	const { start } = quota;
	if (!hasRoom(quota, quotaUsed(sql, apiKey, start))) return false;
	sql.run`INSERT INTO quota_use VALUES (${apiKey}, ${start}, 1)
		ON CONFLICT DO UPDATE SET notifications = notifications + 1`;
	return true;
}

/** Notifications that a key has sent in the period that begins at `start`. */
export function quotaUsed(sql: Statements, apiKey: string, start: number): number {
	const row = sql.get`SELECT notifications FROM quota_use
		WHERE api_key = ${apiKey} AND period_start = ${start}`;
	return Number(row?.notifications ?? 0);
}
