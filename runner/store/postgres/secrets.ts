import type { Secrets } from '../contract/secrets.ts';
import { secretOf, toSecretRow } from '../rows/secret.ts';
import { inserted, write } from './db/write-rows.ts';
import type { Scope } from './scope.ts';

export function createSecrets({ database, now }: Scope): Secrets {
	return {
		keep: (name, fresh) =>
			database.transaction(async (sql) => {
				// Waits for a transaction that inserts it at the same time; the read below then sees that one's row.
				await write(
					sql,
					inserted('runner_secrets', [toSecretRow(name, fresh, now())], 'ON CONFLICT DO NOTHING'),
				);
				const [row] = await sql.rows('SELECT value FROM sureping.runner_secrets WHERE name = $1', [
					name,
				]);
				return secretOf(row);
			}),
	};
}
