// The runner on PostgreSQL in 1, 2 and 3 processes (one channel POST and one signed webhook each), next to one on SQLite and
// to pg-boss that adds and works off as many jobs and does nothing for them, in one run. Load, sinks, server and
// processes share the machine: it shows what sharing a database costs, not what several machines bring.
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../scripts/n8n/postgres.ts';
import { KEY, load } from './load.ts';
import { runToEnd, startServer } from './process.ts';
import { withScene } from './scene.ts';

const NOTIFICATIONS = Number(process.env.BENCH_NOTIFICATIONS ?? 10_000);
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

async function measure(store: string | undefined, processes: number): Promise<string> {
	return await withScene(async ({ dir, sinks, allArrived }, started) => {
		const config = join(dir, 'config.json');
		const endpoint = { url: `http://${sinks}/endpoint`, secret: 'whsec_benchmark_secret' };
		const settings = {
			store,
			api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
			connections: [{ name: 's', channel: 'slack', webhook_url: `http://${sinks}/channel` }],
			endpoints: [{ name: 'e', ...endpoint, events: ['notification.delivered'] }],
			log_level: 'warn',
		};
		writeFileSync(config, JSON.stringify(settings));
		const profile = process.env.BENCH_PROFILE_DIR;
		const urls: string[] = [];
		for (let i = 0; i < processes; i++) {
			const { port: own, child } = await startServer([
				...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
				...[
					'runner/dist/sureping.js',
					'serve',
					'--config',
					config,
					'--data-dir',
					dir,
					'--port',
					'0',
				],
			]);
			started.push(child);
			urls.push(`http://127.0.0.1:${own}`);
		}
		const start = performance.now();
		const count = Math.floor(NOTIFICATIONS / processes);
		const loaded = Promise.all(urls.map((url) => load(url, { count })));
		await allArrived(count * processes);
		const seconds = (performance.now() - start) / 1000;
		const each = await loaded;
		const accepts = each.reduce((sum, { perSecond }) => sum + perSecond, 0);
		const p99 = Math.max(...each.map((one) => one.p99));
		const endToEnd = (count * processes) / seconds;
		return [accepts.toFixed(0), p99.toFixed(0), endToEnd.toFixed(0)]
			.map((cell) => cell.padStart(16))
			.join('');
	});
}

try {
	console.log(`${NOTIFICATIONS} notifications, 64 connections to each process`);
	console.log(`${''.padEnd(14)}       accepts/s  accept p99, ms    end to end/s`);
	console.log(`${'SQLite, 1'.padEnd(14)}${await measure(undefined, 1)}`);
	for (const processes of PROCESSES) {
		const url = await newDatabase(`processes_${processes}`);
		console.log(`${`PostgreSQL, ${processes}`.padEnd(14)}${await measure(url, processes)}`);
	}
	for (const processes of PROCESSES) {
		const args = ['bench/boss.ts', await newDatabase(`boss_${processes}`)];
		const numbers = [String(NOTIFICATIONS), String(processes)];
		process.stdout.write(await runToEnd(process.execPath, [...args, ...numbers]));
	}
} finally {
	await server.stop();
	rmSync(directory, { recursive: true, force: true });
}
