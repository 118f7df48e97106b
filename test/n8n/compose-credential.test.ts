import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { n8nBinary } from '../../scripts/n8n/clone.ts';
import { type Postgres, startPostgres } from '../../scripts/n8n/postgres.ts';
import { N8N_START_TIMEOUT_MS } from '../support/temporary-n8n.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const run = promisify(execFile);

/** The database's own user has to reach its folder. */
const directory = temporaryDirectory('compose-credential');
let postgres: Postgres;

beforeAll(async () => {
	chmodSync(directory, 0o755);
	postgres = await startPostgres(join(directory, 'postgres'));
});

afterAll(() => postgres.stop());

/** Runs a command line with `n8n` as n8n's container does. */
async function inContainer(line: string, environment: Record<string, string> = {}): Promise<void> {
	const bin = join(directory, 'bin');
	mkdirSync(bin, { recursive: true });
	const program = join(bin, 'n8n');
	writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${n8nBinary()}' "$@"\n`);
	chmodSync(program, 0o755);
	const { host, port, user, password, database } = postgres.connection;
	await run('sh', ['-c', line], {
		env: {
			...environment,
			PATH: [bin, process.env['PATH']].join(delimiter),
			HOME: directory,
			NODE_ENV: 'production',
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: host,
			DB_POSTGRESDB_PORT: String(port),
			DB_POSTGRESDB_USER: user,
			DB_POSTGRESDB_PASSWORD: password,
			DB_POSTGRESDB_DATABASE: database,
			N8N_USER_FOLDER: directory,
			N8N_ENCRYPTION_KEY: 'key-of-the-test',
			N8N_DIAGNOSTICS_ENABLED: 'false',
		},
	});
}

describe('the credential that compose.n8n.yaml gives n8n', () => {
	it(
		'has the key of the runner, also a new one at the next start',
		async () => {
			// Our own file. Compose makes "$" of "$$".
			const { services } = parse(readFileSync('compose.n8n.yaml', 'utf8'), { merge: true }) as {
				services: { 'n8n-credential': { command: [string] } };
			};
			const line = services['n8n-credential'].command[0]
				.replaceAll('$$', '$')
				.replaceAll('/tmp/', `${directory}/`);
			for (const key of ['sp_live_first', 'sp_live_second']) {
				await inContainer(line, { SUREPING_KEY: key });
			}
			const file = join(directory, 'exported.json');
			await inContainer(`n8n export:credentials --all --decrypted --output=${file}`);
			expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject([
				{
					id: 'sureping',
					name: 'Sureping',
					type: 'surepingApi',
					data: { baseUrl: 'http://sureping:8477', apiKey: 'sp_live_second' },
				},
			]);
		},
		N8N_START_TIMEOUT_MS,
	);
});
