import type { Leases, Progress } from '../contract/leases.ts';
import { toLease } from '../rows/lease.ts';
import type { Statements } from './db/statements.ts';
import type { Scope } from './scope.ts';

/** One process owns the file, so it holds every task that it asks for. */
export function createLeases({ sql, commits, now }: Scope): Leases {
	return {
		async hold(name) {
			const row = sql.get`SELECT position, noted_at FROM leases WHERE name = ${name}`;
			return row ? toLease(row) : {};
		},
		release: async () => undefined,
		note: (progress) => commits.run(() => noteProgress(sql, progress, now())),
	};
}

export function noteProgress(sql: Statements, { lease, position }: Progress, now: number): void {
	sql.run`INSERT INTO leases VALUES (${lease}, ${position}, ${now})
		ON CONFLICT DO UPDATE SET position = excluded.position, noted_at = excluded.noted_at`;
}
