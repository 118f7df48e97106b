import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { toProblem } from '../../runner/http/problem-answers.ts';
import { Reader, type ReaderLimits } from '../../runner/store/sqlite/db/reader.ts';
import { ReadsBusy } from '../../runner/store/contract/errors.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Counts for some seconds unless it is told where to end. */
const COUNT = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
	SELECT count(*) AS n FROM n`;
const LONG = 3_000_000;

describe('what may take long to read', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-reader-'));
	const file = join(dir, 'a.db');
	const db = new DatabaseSync(file);
	db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (text TEXT NOT NULL) STRICT');
	const open: Reader[] = [];
	afterAll(() => {
		db.close();
		rmSync(dir, { recursive: true });
	});
	afterEach(async () => {
		for (const reader of open.splice(0)) await reader.close();
		db.exec('DELETE FROM t');
	});

	function openReader(limits: Partial<ReaderLimits> = {}, path = file): Reader {
		const reader = new Reader(path, limits);
		open.push(reader);
		return reader;
	}
	const count = async (reader: Reader, to: number): Promise<unknown> =>
		(await reader.find(COUNT, to)).rows[0]?.n;

	it('keeps neither the event loop nor a commit waiting, and sees what was committed before it began', async () => {
		const reader = openReader();
		await count(reader, 1);
		let isRead = false;
		let turns = 0;
		let written = 0;
		const reading = count(reader, LONG).finally(() => (isRead = true));
		while (!isRead) {
			await setImmediate();
			if (turns++ < 100) written += Number(db.prepare("INSERT INTO t VALUES ('x')").run().changes);
		}
		expect(await reading).toBe(LONG);
		expect(written).toBe(100);
		expect(turns).toBeGreaterThan(100);
		expect((await reader.find('SELECT count(*) AS n FROM t')).rows[0]?.n).toBe(100);
	});

	it('sees one state of the database in all queries of a read', async () => {
		const reader = openReader();
		const sql = 'SELECT count(*) AS n FROM t';
		const reading = reader.read([
			{ sql, values: [] },
			{ sql: COUNT, values: [LONG] },
			{ sql, values: [] },
		]);
		// On its way or under way, it does not matter: the first count and the last are the same.
		let isRead = false;
		void reading.finally(() => (isRead = true));
		while (!isRead) {
			db.exec("INSERT INTO t VALUES ('x')");
			await setImmediate();
		}
		const [first, , last] = await reading;
		expect(last?.rows).toEqual(first?.rows);
	});

	it('is refused when too many wait already, except for what is urgent, which goes first', async () => {
		const reader = openReader({ mostWaiting: 2 });
		const order: string[] = [];
		const note = async (name: string, read: Promise<unknown>): Promise<void> => {
			await read;
			order.push(name);
		};
		const all = [
			note('under way', count(reader, LONG)),
			note('first', count(reader, 1)),
			note('second', count(reader, 1)),
		];
		await expect(count(reader, 1)).rejects.toThrow(ReadsBusy);
		all.push(note('urgent', reader.read([{ sql: 'SELECT 1', values: [] }], { isUrgent: true })));
		await Promise.all(all);
		expect(order).toEqual(['under way', 'urgent', 'first', 'second']);
		expect(await count(reader, 3)).toBe(3);
	});

	it('is given up when it takes too long, and with it what waited behind it for as long', async () => {
		const reader = openReader({ mostMs: 50 });
		const [long, behind] = await Promise.allSettled([count(reader, LONG), count(reader, 1)]);
		expect(long).toEqual({ status: 'rejected', reason: expect.any(ReadsBusy) });
		expect(behind).toEqual({ status: 'rejected', reason: expect.any(ReadsBusy) });
		// The thread ends what nobody waits for any more, and nobody else is given its answer.
		let later: unknown;
		await waitUntil('the thread is free', async () => {
			later = await count(reader, 7).catch(() => undefined);
			return later !== undefined;
		});
		expect(later).toBe(7);
	});

	it('ends with the row that has too much text together with those before', async () => {
		const insert = db.prepare('INSERT INTO t VALUES (?)');
		for (let i = 0; i < 5; i++) insert.run('x'.repeat(40));
		const reader = openReader({ mostBytes: 100 });
		const { rows, isCut } = await reader.find('SELECT text FROM t');
		expect([rows.length, isCut]).toEqual([3, true]);
		expect((await reader.find('SELECT text FROM t LIMIT 2')).isCut).toBe(false);
	});

	it('fails by itself when its query is wrong, cannot write, and goes on with the next', async () => {
		const reader = openReader();
		await expect(reader.find('SELECT nonsense')).rejects.toThrow(/nonsense/);
		await expect(reader.find("INSERT INTO t VALUES ('x')")).rejects.toThrow(/readonly/);
		expect(await count(reader, 2)).toBe(2);
	});

	it('fails where the file cannot be opened, each by itself, and reads it once it can', async () => {
		const missing = join(dir, 'later.db');
		const reader = openReader({}, missing);
		const failed = await Promise.allSettled([count(reader, 1), count(reader, 1)]);
		expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
		new DatabaseSync(missing).close();
		expect(await count(reader, 4)).toBe(4);
	});

	it('is a 503 that says when to come again', () => {
		expect(toProblem(new ReadsBusy('Reading this takes too long'))).toMatchObject({
			status: 503,
			detail: 'Reading this takes too long',
			headers: { 'retry-after': '5' },
		});
	});

	it('is refused when the store is closed meanwhile, and afterwards', async () => {
		const reader = openReader();
		const both = Promise.allSettled([count(reader, LONG), count(reader, 1)]);
		await reader.close();
		for (const one of await both) expect(one.status).toBe('rejected');
		await expect(count(reader, 1)).rejects.toThrow(ReadsBusy);
	});
});
