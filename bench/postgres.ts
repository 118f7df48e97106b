// The runner on PostgreSQL with 1, 2 and 3 worker processes (one channel POST and one signed webhook each), next to pg-boss
// doing nothing per job, in one run on one server. Load, sinks, server and workers share the machine: it shows what
// sharing a database costs, not what several machines bring.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../scripts/n8n/postgres.ts';
import { end, runToEnd, startServer } from './process.ts';

const NOTIFICATIONS = Number(process.env.BENCH_NOTIFICATIONS ?? 10_000);
const WORKERS = [1, 2, 3];
const CONNECTIONS = 64;
const KEY = 'sp_benchmark_key_0123456789';

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

interface Figures {
	readonly accepts: number;
	readonly p99: number;
	readonly endToEnd: number;
}

async function measure(workers: number): Promise<Figures> {
	const store = await newDatabase(`workers_${workers}`);
	const dir = mkdtempSync(join(tmpdir(), 'sureping-bench-'));
	const sinks = await startServer(['bench/sinks.ts']);
	const sink = `http://127.0.0.1:${sinks.port}`;
	const config = join(dir, 'config.json');
	const endpoint = { name: 'e', url: `${sink}/endpoint`, secret: 'whsec_benchmark_secret' };
	writeFileSync(
		config,
		JSON.stringify({
			store,
			api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
			connections: [{ name: 's', channel: 'slack', webhook_url: `${sink}/channel` }],
			endpoints: [{ ...endpoint, events: ['notification.delivered'] }],
			log_level: 'warn',
		}),
	);
	const profile = process.env.BENCH_PROFILE_DIR;
	const runners = [];
	for (let i = 0; i < workers; i++) {
		runners.push(
			await startServer([
				...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
				...['runner/dist/sureping.js', 'serve', '--config', config, '--port', '0'],
			]),
		);
	}
	try {
		const start = performance.now();
		const url = `http://127.0.0.1:${runners[0]?.port}`;
		const load = runToEnd(process.execPath, [
			'bench/load.ts',
			url,
			String(NOTIFICATIONS),
			String(CONNECTIONS),
			KEY,
		]);
		for (;;) {
			// Our own sinks' answer.
			const counts = (await (await fetch(`${sink}/counts`)).json()) as { endpoint: number };
			if (counts.endpoint >= NOTIFICATIONS) break;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		const seconds = (performance.now() - start) / 1000;
		// What load.ts prints.
		const { perSecond, p99 } = JSON.parse(await load) as { perSecond: number; p99: number };
		return { accepts: perSecond, p99, endToEnd: NOTIFICATIONS / seconds };
	} finally {
		for (const { child } of runners) await end(child);
		await end(sinks.child);
		rmSync(dir, { recursive: true });
	}
}

try {
	console.log(
		`${NOTIFICATIONS} notifications over ${CONNECTIONS} connections to the first process`,
	);
	console.log('workers   accepts/s   accept p99, ms   end to end/s');
	for (const workers of WORKERS) {
		const { accepts, p99, endToEnd } = await measure(workers);
		const cells = [accepts.toFixed(0).padStart(9), p99.toFixed(1).padStart(14)];
		console.log(`${workers}      ${cells.join('   ')}   ${endToEnd.toFixed(0).padStart(12)}`);
	}
	for (const workers of WORKERS) {
		const url = await newDatabase(`boss_${workers}`);
		const done = await runToEnd(process.execPath, [
			'bench/boss.ts',
			url,
			String(2 * NOTIFICATIONS),
			String(workers),
		]);
		process.stdout.write(done);
	}
} finally {
	await server.stop();
	rmSync(directory, { recursive: true, force: true });
}
