// Makes a fixture: a database as the runner of a commit leaves it, with work of every kind under way.
//   npm run old-database -- sqlite COMMIT
//   npm run old-database -- postgres COMMIT
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { debianPostgres } from '../support/debian-postgres.ts';
import { type RunnerProcess, runnerAt, startRunner } from '../support/runner-process.ts';
import { temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { fixtureFile, STORES, type StoreKind } from './fixtures.ts';
import { leaveWork, QUOTA, REFUSED } from './leave-work.ts';
import { buildOldRunner } from './old-runner.ts';
import { dumpPostgres } from './postgres-dump.ts';
import { dumpSqlite } from './sqlite-dump.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

const [kind, commit = 'HEAD'] = process.argv.slice(2);
if (!STORES.some((known) => known === kind)) {
	console.error('Usage: npm run old-database -- sqlite|postgres [COMMIT]');
	process.exit(2);
}
await make(kind === 'sqlite' ? 'sqlite' : 'postgres', commit);

interface Made {
	readonly schema: number;
	readonly dump: string;
}

async function make(store: StoreKind, of: string): Promise<void> {
	const main = await buildOldRunner(of);
	const surroundings = await startSurroundings(REFUSED);
	try {
		const { schema, dump } = await (store === 'sqlite' ? sqlite : postgres)(main, surroundings);
		const short = execFileSync('git', ['rev-parse', '--short', of], { encoding: 'utf8' }).trim();
		const heading = `-- A database as the runner of ${short} left it, at schema ${schema}. It is history: do not edit it.`;
		const file = fixtureFile(store, schema);
		mkdirSync(join(file, '..'), { recursive: true });
		writeFileSync(file, `${heading}\n${surroundings.withoutUrls(dump)}\n`);
		console.log(`${file}: ${Math.round(dump.length / 1024)} KB`);
	} finally {
		await surroundings.close();
	}
}

async function sqlite(main: string, surroundings: Surroundings): Promise<Made> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-old-'));
	const file = join(dir, 'old.db');
	const sql = async (text: string): Promise<readonly Record<string, unknown>[]> => {
		const db = new DatabaseSync(file);
		try {
			return db.prepare(text).all();
		} finally {
			db.close();
		}
	};
	try {
		await live(main, surroundings, { store: `sqlite:${file}` }, sql);
		const [row] = await sql('PRAGMA user_version');
		return { schema: Number(row?.user_version), dump: dumpSqlite(file) };
	} finally {
		rmSync(dir, { recursive: true });
	}
}

async function postgres(main: string, surroundings: Surroundings): Promise<Made> {
	const native = debianPostgres();
	const server = await temporaryPostgres({}, native);
	try {
		const url = await server.database();
		await live(main, surroundings, { store: url }, (text) =>
			server.query(url, `SET search_path = sureping; ${text}`),
		);
		const [row] = await server.query(url, 'SELECT max(step) AS step FROM sureping.schema_steps');
		return { schema: Number(row?.step), dump: dumpPostgres(url, native) };
	} finally {
		await server.dispose();
	}
}

type RunSql = (text: string) => Promise<readonly Record<string, unknown>[]>;

/** A life of the old runner, and a second one that finds a row damaged where it knows dead letters. */
async function live(
	main: string,
	surroundings: Surroundings,
	store: { readonly store: string },
	sql: RunSql,
): Promise<void> {
	const start = (more: object): Promise<RunnerProcess> =>
		startRunner(surroundings.settings({ ...store, ...more }), tmpdir(), [], runnerAt(main));
	// The first versions refuse what they do not know.
	const runner = await start(QUOTA).catch(() => start({}));
	try {
		await leaveWork(runner, surroundings);
		const knowsDeadLetters = (await runner.get('/dead-letters')).status === 200;
		const { body } = knowsDeadLetters ? await runner.post('/send', damaged()) : { body: undefined };
		await runner.kill('SIGTERM');
		if (!knowsDeadLetters) return;
		await damage(sql, `'${String(body.notification_id)}'`);
		await runner.start();
		await waitUntil('the damaged row is a dead letter', async () => {
			return (await runner.get('/dead-letters')).body.dead_letters.length > 0;
		});
		await runner.kill('SIGTERM');
	} finally {
		await runner.dispose();
	}
}

/** Makes a notification's deliveries unreadable, and due. Earlier versions keep them in a table of their own. */
async function damage(sql: RunSql, id: string): Promise<void> {
	try {
		await sql(`UPDATE deliveries_due SET due_at = 1 WHERE notification_id = ${id}`);
		await sql(`UPDATE notifications SET deliveries = '{' WHERE id = ${id}`);
	} catch {
		await sql(`UPDATE deliveries SET attempts = '{', due_at = 1 WHERE notification_id = ${id}`);
	}
}

/** A send whose row is damaged before it is due. */
function damaged(): object {
	const send_at = new Date(Date.now() + 3_600_000).toISOString();
	return { message: 'damaged', channels: ['slack:ops'], send_at };
}
