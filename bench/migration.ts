// The start of the runner on a database of an older version with 1,000,000 notifications: the time until it is ready, by itself
// and killed twice meanwhile, how slowly it answers `/healthz`, its memory, and how much the database grows. Afterwards
// everything that was owed has to be sent once, and every row has to be there.
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { startPostgres } from '../scripts/n8n/postgres.ts';
import { makeMany } from '../test/old-databases/make-many.ts';
import { countsOf } from '../test/old-databases/many.ts';
import { MigratingRunner } from '../test/old-databases/migrating-runner.ts';
import { freePort } from '../test/support/free-port.ts';
import { found, type GoalName } from './goals.ts';
import { KEY } from './load.ts';
import { end, startServer } from './process.ts';
import { table } from './table.ts';
import { usageOf } from './usage.ts';

const NOTIFICATIONS = Number(process.env.BENCH_MIGRATED ?? 1_000_000);
const ONLY = process.env.BENCH_ONLY?.split(',') ?? ['SQLite', 'PostgreSQL'];
const MB = 1024 * 1024;

/** The goals are of a process that is killed twice. */
const GOAL_LIFE = 'killed twice';
const GOALS: Readonly<Record<string, GoalName>> = {
	SQLite: 'sqliteMigration',
	PostgreSQL: 'postgresMigration',
};

/** Shares of the rows after which a process is killed. */
const LIVES: Readonly<Record<string, readonly number[]>> = {
	'by itself': [],
	[GOAL_LIFE]: [1 / 3, 2 / 3],
};

/** A database to migrate, made once. */
interface Old {
	/** Makes a copy of it; resolves with its `store`. */
	copy(): Promise<string>;
	/** Size of a copy in bytes. */
	size(store: string): Promise<number>;
	count(store: string, of: 'notifications' | 'events'): Promise<number>;
	close(): Promise<void>;
}

const many = (endpointUrl: string) => ({
	notifications: NOTIFICATIONS,
	endpointUrl,
	newest: Date.now(),
});

async function oldSqlite(endpointUrl: string): Promise<Old> {
	const directory = mkdtempSync(join(tmpdir(), 'sureping-migration-'));
	const made = join(directory, 'old.db');
	const copy = join(directory, 'copy.db');
	await makeMany(`sqlite:${made}`, many(endpointUrl));
	return {
		copy: async () => {
			rmSync(copy, { force: true });
			copyFileSync(made, copy);
			return `sqlite:${copy}`;
		},
		size: async () => statSync(copy).size,
		count: async (_store, of) => {
			const db = new DatabaseSync(copy, { readOnly: true });
			const row = db.prepare(`SELECT count(*) AS n FROM ${of}`).get();
			db.close();
			return Number(row?.n);
		},
		close: async () => rmSync(directory, { recursive: true }),
	};
}

async function oldPostgres(endpointUrl: string): Promise<Old> {
	const directory = join(tmpdir(), `sureping-migration-${randomBytes(6).toString('hex')}`);
	const server = await startPostgres(directory, { settings: { shared_buffers: '512MB' } });
	const { host, port, user, password } = server.connection;
	const urlOf = (name: string): string => `postgres://${user}:${password}@${host}:${port}/${name}`;
	const ask = async (url: string, text: string): Promise<number> => {
		const client = new pg.Client({ connectionString: url });
		await client.connect();
		const { rows } = await client.query<{ n?: string }>(text);
		await client.end();
		return Number(rows[0]?.n);
	};
	await ask(urlOf('postgres'), 'CREATE DATABASE made');
	await makeMany(urlOf('made'), many(endpointUrl));
	let copies = 0;
	return {
		copy: async () => {
			const name = `copy_${++copies}`;
			await ask(urlOf('postgres'), `CREATE DATABASE ${name} TEMPLATE made`);
			return urlOf(name);
		},
		size: (store) => ask(store, 'SELECT pg_database_size(current_database()) AS n'),
		count: (store, of) => ask(store, `SELECT count(*) AS n FROM sureping.${of}`),
		close: async () => {
			await server.stop();
			rmSync(directory, { recursive: true });
		},
	};
}

interface Figures {
	/** From the starts of all processes until they are killed, or ready. */
	readonly seconds: number;
	/** The longest that `/healthz` took to answer. */
	readonly slowestMs: number;
	readonly peakMb: number;
	readonly grewMb: number;
}

async function measure(old: Old, sink: string, kills: readonly number[]): Promise<Figures> {
	const store = await old.copy();
	const before = await old.size(store);
	const sent = await arrived(sink);
	const directory = mkdtempSync(join(tmpdir(), 'sureping-migration-'));
	const config = join(directory, 'config.json');
	const connection = { channel: 'slack', webhook_url: `${sink}/channel` };
	writeFileSync(
		config,
		JSON.stringify({
			store,
			api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
			connections: ['ops', 'backup'].map((name) => ({ name, ...connection })),
			security: { allow_hosts: ['127.0.0.1'] },
		}),
	);
	const port = await freePort();
	const lives: MigratingRunner[] = [];
	let [seconds, slowestMs, peakMb] = [0, 0, 0];
	const live = async (
		until: (runner: MigratingRunner) => Promise<unknown>,
	): Promise<MigratingRunner> => {
		const began = performance.now();
		const runner = new MigratingRunner(config, port);
		lives.push(runner);
		const watching = new AbortController();
		const slowest = slowestAnswer(`${runner.url}/healthz`, watching.signal);
		await until(runner).finally(() => watching.abort());
		seconds += (performance.now() - began) / 1000;
		slowestMs = Math.max(slowestMs, await slowest);
		peakMb = Math.max(peakMb, usageOf([runner]).peakMb);
		return runner;
	};
	try {
		for (const share of kills) {
			const runner = await live((one) => one.movedMoreThan(NOTIFICATIONS * share));
			await runner.kill('SIGKILL');
		}
		const runner = await live((one) => one.ready());
		const grewMb = ((await old.size(store)) - before) / MB;
		const { owed, owedWebhooks, events } = countsOf(NOTIFICATIONS);
		// A notification that was owed has one more event, which the endpoint gets.
		const wanted = { channel: sent.channel + owed, endpoint: sent.endpoint + owed + owedWebhooks };
		const isSent = async (): Promise<boolean> => {
			const { channel, endpoint } = await arrived(sink);
			return channel >= wanted.channel && endpoint >= wanted.endpoint;
		};
		while (!(await isSent())) await pause(100);
		await runner.kill('SIGTERM');
		expectSame(await arrived(sink), wanted);
		const found = {
			notifications: await old.count(store, 'notifications'),
			events: await old.count(store, 'events'),
		};
		expectSame(found, { notifications: NOTIFICATIONS, events: events + owed });
		return { seconds, slowestMs, peakMb, grewMb };
	} finally {
		for (const one of lives) await one.kill('SIGKILL');
		rmSync(directory, { recursive: true });
	}
}

function expectSame(found: object, wanted: object): void {
	const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
	if (is !== should) throw new Error(`There are ${is}, and there should be ${should}`);
}

/** Asks until the signal; resolves with the longest time of an answer in milliseconds. */
async function slowestAnswer(url: string, signal: AbortSignal): Promise<number> {
	let slowest = 0;
	while (!signal.aborted) {
		const asked = performance.now();
		const answer = await fetch(url).catch(() => undefined);
		if (answer?.ok) slowest = Math.max(slowest, performance.now() - asked);
		await answer?.text();
		await pause(20);
	}
	return slowest;
}

async function arrived(sink: string): Promise<{ channel: number; endpoint: number }> {
	// Our own sinks' answer.
	return (await (await fetch(`${sink}/counts`)).json()) as { channel: number; endpoint: number };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const sinks = await startServer(['bench/sinks.ts']);
const sink = `http://127.0.0.1:${sinks.port}`;
const rows: string[][] = [];
try {
	for (const [name, make] of [
		['SQLite', oldSqlite],
		['PostgreSQL', oldPostgres],
	] as const) {
		if (!ONLY.includes(name)) continue;
		const old = await make(`${sink}/endpoint`);
		try {
			for (const [life, kills] of Object.entries(LIVES)) {
				const { seconds, slowestMs, peakMb, grewMb } = await measure(old, sink, kills);
				rows.push([
					`${name}, ${life}`,
					seconds.toFixed(1),
					slowestMs.toFixed(0),
					peakMb.toFixed(0),
					grewMb.toFixed(0),
				]);
				const goal = life === GOAL_LIFE ? GOALS[name] : undefined;
				if (goal && NOTIFICATIONS === 1_000_000) found(goal, [seconds]);
			}
		} finally {
			await old.close();
		}
	}
} finally {
	await end(sinks.child);
}
console.log(`\n${NOTIFICATIONS} notifications of the version before, until the runner is ready`);
console.log(table([['', 'seconds', '/healthz at most, ms', 'peak, MB', 'grows by, MB'], ...rows]));
