import type { Leases, Progress } from '../contract/leases.ts';
import { toLease } from '../rows/lease.ts';
import type { Transaction } from './db/database.ts';
import { sharedTime } from './db/shared-limits.ts';
import type { Scope } from './scope.ts';

/**
 * Tasks by name, each held by a process until a time by the server's clock. A time beyond the longest that a process may
 * ask for is from before that clock was set back, and does not count.
 */
export function createLeases(scope: Scope, sharedNow: () => number | null): Leases {
	const { database, leases, now } = scope;
	return {
		async hold(name, forMs) {
			const [row] = await database.rows(
				`INSERT INTO sureping.leases AS l (name, holder, expires_at)
				 VALUES ($1, $2, ${sharedTime(4)} + $3::bigint)
				 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
				 WHERE l.holder IS NULL OR l.holder = $2 OR l.expires_at <= ${sharedTime(4)}
				 OR l.expires_at > ${sharedTime(4)} + $3::bigint
				 RETURNING position, noted_at`,
				[name, leases.owner, forMs, sharedNow()],
			);
			return row && toLease(row);
		},
		async release(name) {
			await database.rows(
				'UPDATE sureping.leases SET holder = NULL WHERE name = $1 AND holder = $2',
				[name, leases.owner],
			);
		},
		async note(progress) {
			await database.transaction(async (sql) => noteProgress(sql, scope, progress, now()));
		},
	};
}

/** Notes it when the transaction is committed. */
export function noteProgress(
	sql: Transaction,
	{ leases }: Pick<Scope, 'leases'>,
	{ lease, position }: Progress,
	now: number,
): void {
	sql.later(
		`UPDATE sureping.leases SET position = $3::bigint, noted_at = $4::bigint
		 WHERE name = $1 AND holder = $2`,
		[lease, leases.owner, position, now],
	);
}
