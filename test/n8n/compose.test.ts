import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { N8nApi } from '../../scripts/n8n/api.ts';
import { n8nBinary } from '../../scripts/n8n/clone.ts';
import { N8nInstance } from '../../scripts/n8n/instance.ts';
import { type Postgres, startPostgres } from '../../scripts/n8n/postgres.ts';
import { N8N_START_TIMEOUT_MS } from '../support/temporary-n8n.ts';
import { stagePackage } from '../../scripts/stage/stage.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const run = promisify(execFile);

const ENVIRONMENT = { N8N_ENCRYPTION_KEY: 'key-of-the-test', N8N_DIAGNOSTICS_ENABLED: 'false' };

const directory = temporaryDirectory('compose');
let postgres: Postgres;
let n8n: N8nInstance | undefined;

/** As the services of compose.n8n.yaml start: the nodes are in their folder before n8n is. */
beforeAll(async () => {
	// The database's own user has to reach its folder.
	chmodSync(directory, 0o755);
	postgres = await startPostgres(join(directory, 'postgres'));
	const userFolder = join(directory, 'user');
	const nodes = join(userFolder, '.n8n/nodes/node_modules/n8n-nodes-sureping');
	await stagePackage(process.cwd(), 'n8n-nodes-sureping', nodes);
	n8n = await N8nInstance.start({
		userFolder,
		database: postgres.connection,
		env: ENVIRONMENT,
	});
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	await n8n?.stop();
	await postgres.stop();
}, 60_000);

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
			N8N_USER_FOLDER: join(directory, 'of-the-command'),
			...ENVIRONMENT,
		},
	});
}

describe('n8n in compose.n8n.yaml', () => {
	it(
		'has the nodes, and for its owner a credential with the key of the runner, the newest one',
		async () => {
			// Our own file. Compose makes "$" of "$$".
			const { services } = parse(readFileSync('compose.n8n.yaml', 'utf8'), { merge: true }) as {
				services: { 'n8n-credential': { command: [string] } };
			};
			const line = services['n8n-credential'].command[0]
				.replaceAll('$$', '$')
				.replaceAll('/tmp/', `${directory}/`);
			await inContainer(line, { SUREPING_KEY: 'sp_live_first' });

			// The first account is made only now, as by the person who opens n8n.
			const owner = { email: 'owner@sureping.local', password: 'Correct-Horse-1' };
			const api = await N8nApi.open(n8n!.url, owner);
			const [credential] = await api.call<object[]>('GET', '/credentials');
			expect(credential).toMatchObject({ id: 'sureping', name: 'Sureping', type: 'surepingApi' });
			const types = await (await api.file('types/nodes.json')).text();
			expect(types).toContain('"n8n-nodes-sureping.sendNotification"');

			await inContainer(line, { SUREPING_KEY: 'sp_live_second' });
			const file = join(directory, 'exported.json');
			await inContainer(`n8n export:credentials --all --decrypted --output=${file}`);
			expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject([
				{ id: 'sureping', data: { baseUrl: 'http://sureping:8477', apiKey: 'sp_live_second' } },
			]);
		},
		N8N_START_TIMEOUT_MS,
	);
});
