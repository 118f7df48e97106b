import type { QuotaPeriod } from '../store.ts';
import type { Statements } from './statements.ts';

/** Longer than any period. */
const KEPT_MS = 40 * 24 * 3600 * 1000;

/** Counts one notification more; false when the quota was used up before. */
export function useQuota(sql: Statements, apiKey: string, { start, most }: QuotaPeriod): boolean {
	const { changes } = sql.run(
		`INSERT INTO quota_use VALUES (?, ?, 1)
		 ON CONFLICT DO UPDATE SET notifications = notifications + 1 WHERE notifications < ?`,
		apiKey,
		start,
		most,
	);
	return changes > 0;
}

export function forgetQuotas(sql: Statements, now: number): void {
	sql.run('DELETE FROM quota_use WHERE period_start <= ?', now - KEPT_MS);
}
