// The runner on PostgreSQL in 1, 2 and 3 processes (one channel POST and one signed webhook each), next to one on SQLite and
// to pg-boss that adds and works off as many jobs and does nothing for them, in one run. Load, sinks, server and
// processes share the machine: it shows what sharing a database costs, not what several machines bring.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../scripts/n8n/postgres.ts';
import { startRunner } from './contenders.ts';
import { CONNECTIONS, load } from './load.ts';
import { runToEnd } from './process.ts';
import { withScene } from './scene.ts';
import { table } from './table.ts';

const NOTIFICATIONS = Number(process.env.BENCH_NOTIFICATIONS ?? 10_000);
const WARM_UP = NOTIFICATIONS / 5;
const HALF_LOAD_SECONDS = 5;
const PROCESSES = [1, 2, 3];

const directory = join(tmpdir(), `sureping-bench-postgres-${randomBytes(6).toString('hex')}`);
const server = await startPostgres(directory, { settings: { shared_buffers: '512MB' } });
const { host, port, user, password } = server.connection;
const urlOf = (database: string): string =>
	`postgres://${user}:${password}@${host}:${port}/${database}`;

async function newDatabase(name: string): Promise<string> {
	const client = new pg.Client({ connectionString: urlOf('postgres') });
	await client.connect();
	await client.query(`CREATE DATABASE ${name}`);
	await client.end();
	return urlOf(name);
}

async function measure(name: string, processes: number, store?: string): Promise<string[]> {
	return await withScene(async (scene, started) => {
		const urls: string[] = [];
		while (urls.length < processes) {
			const own = await startRunner(
				scene,
				started,
				store === undefined ? {} : { settings: { store } },
			);
			urls.push(`http://127.0.0.1:${own}`);
		}
		const share = (all: number): number => Math.floor(all / processes);
		await Promise.all(urls.map((url) => load(url, { count: share(WARM_UP) })));
		await scene.allArrived(share(WARM_UP) * processes);
		const start = performance.now();
		const count = share(NOTIFICATIONS);
		const loaded = Promise.all(urls.map((url) => load(url, { count })));
		const all = (share(WARM_UP) + count) * processes;
		await scene.allArrived(all);
		const seconds = (performance.now() - start) / 1000;
		const each = await loaded;
		const accepts = each.reduce((sum, { perSecond }) => sum + perSecond, 0);
		const p99 = Math.max(...each.map((one) => one.p99));
		const endToEnd = (count * processes) / seconds;
		const plan = { seconds: HALF_LOAD_SECONDS, perSecond: accepts / processes / 2 };
		const half = await Promise.all(urls.map((url) => load(url, plan)));
		await scene.allArrived(all + half.reduce((sum, { accepted }) => sum + accepted, 0));
		const p99AtHalf = Math.max(...half.map((one) => one.p99));
		return [name, ...[accepts, p99, p99AtHalf, endToEnd].map((figure) => figure.toFixed(0))];
	});
}

try {
	const rows = [
		['', 'accepts/s', 'p99, ms', 'p99 at half, ms', 'end to end/s'],
		await measure('SQLite', 1),
	];
	for (const processes of PROCESSES) {
		const url = await newDatabase(`processes_${processes}`);
		rows.push(await measure(`PostgreSQL, processes: ${processes}`, processes, url));
	}
	console.log(`\n${NOTIFICATIONS} notifications, ${CONNECTIONS} connections to each process`);
	console.log(table(rows));
	for (const processes of PROCESSES) {
		const args = ['bench/boss.ts', await newDatabase(`boss_${processes}`)];
		const numbers = [String(NOTIFICATIONS), String(processes)];
		process.stdout.write(await runToEnd(process.execPath, [...args, ...numbers]));
	}
} finally {
	await server.stop();
	rmSync(directory, { recursive: true, force: true });
}
