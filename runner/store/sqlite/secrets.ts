import type { Secrets } from '../contract/secrets.ts';
import { secretOf, toSecretRow } from '../rows/secret.ts';
import type { Scope } from './scope.ts';

export function createSecrets({ sql, commits, now }: Scope): Secrets {
	return {
		keep: (name, fresh) =>
			commits.run(() => {
				sql.insert('runner_secrets', toSecretRow(name, fresh, now()), 'ON CONFLICT DO NOTHING');
				return secretOf(sql.get`SELECT value FROM runner_secrets WHERE name = ${name}`);
			}),
	};
}
