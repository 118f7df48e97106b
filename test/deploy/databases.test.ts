import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { debianProgram } from '../support/debian-program.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';

/** Passwords that would end a text or a command in which somebody forgot to quote them. */
const PASSWORDS = { N8N_DB_PASSWORD: 'n8n\'; $(false) "', SUREPING_DB_PASSWORD: 'of-sureping' };

describe('the databases of compose.n8n.yaml', () => {
	let postgres: TemporaryPostgres;
	let server: URL;
	let runner: RunnerProcess | undefined;

	beforeAll(async () => {
		const psql = debianProgram({ program: 'psql', package: 'postgresql-client' });
		postgres = await temporaryPostgres();
		server = new URL(await postgres.database());
		execFileSync('deploy/n8n/databases.sh', {
			env: {
				...PASSWORDS,
				PATH: `${psql.replace(/\/psql$/, '')}:/usr/bin:/bin`,
				PGHOST: server.hostname,
				PGPORT: server.port,
				PGPASSWORD: server.password,
			},
			stdio: 'pipe',
		});
	});

	afterAll(async () => {
		await runner?.dispose();
		await postgres.dispose();
	});

	const urlOf = (user: 'n8n' | 'sureping', database: string): string => {
		const url = new URL(server);
		url.username = user;
		url.password = user === 'n8n' ? PASSWORDS.N8N_DB_PASSWORD : PASSWORDS.SUREPING_DB_PASSWORD;
		url.pathname = database;
		return url.href;
	};

	it('belong to one user each, who has rights to nothing else', async () => {
		for (const user of ['n8n', 'sureping'] as const) {
			const [row] = await postgres.query(
				urlOf(user, user),
				'SELECT rolsuper OR rolcreatedb OR rolcreaterole AS may FROM pg_roles WHERE rolname = current_user',
			);
			expect(row).toEqual({ may: false });
			await postgres.query(urlOf(user, user), 'CREATE SCHEMA own');
		}
		await expect(postgres.query(urlOf('n8n', 'sureping'), 'SELECT 1')).rejects.toThrow(
			/permission denied for database/,
		);
		await expect(postgres.query(urlOf('sureping', 'n8n'), 'SELECT 1')).rejects.toThrow(
			/permission denied for database/,
		);
	});

	it('are enough for the runner, by the URL of its config', async () => {
		// Our own file.
		const { store } = parse(readFileSync('deploy/n8n/sureping.yaml', 'utf8')) as { store: string };
		runner = await startRunner({
			store: store
				.replace('${SUREPING_DB_PASSWORD}', PASSWORDS.SUREPING_DB_PASSWORD)
				.replace('postgres:5432', server.host),
		});
		expect((await runner.get('/readyz')).status).toBe(200);
	});
});
