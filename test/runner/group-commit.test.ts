import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GroupCommit } from '../../runner/store/sqlite/db/group-commit.ts';

describe('group commit', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-commit-'));
	const file = join(dir, 'a.db');
	const db = new DatabaseSync(file);
	const commits = new GroupCommit(db);
	db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT');
	afterAll(() => {
		db.close();
		rmSync(dir, { recursive: true });
	});

	const insert = (id: number) => commits.run(() => db.prepare('INSERT INTO t VALUES (?)').run(id));
	/** Rows that another process would find on disk. */
	const onDisk = (): number[] => {
		const other = new DatabaseSync(file, { readOnly: true });
		const rows = other.prepare('SELECT id FROM t ORDER BY id').all();
		other.close();
		return rows.map(({ id }) => Number(id));
	};

	it('resolves only after the commit, in one transaction for all that came together', async () => {
		let transactions = 0;
		const exec = jest.spyOn(db, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
			if (sql === 'COMMIT') transactions++;
			DatabaseSync.prototype.exec.call(db, sql);
		});
		const seen = await Promise.all([1, 2, 3].map(async (id) => (await insert(id), onDisk())));
		exec.mockRestore();
		expect(seen).toEqual([
			[1, 2, 3],
			[1, 2, 3],
			[1, 2, 3],
		]);
		expect(transactions).toBe(1);
	});

	it('lets a bad change take nobody with it', async () => {
		const results = await Promise.allSettled([insert(4), insert(1), insert(5)]);
		expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		expect(onDisk()).toEqual([1, 2, 3, 4, 5]);
	});

	it('goes on after a refusal', async () => {
		await expect(insert(1)).rejects.toThrow(/UNIQUE/);
		await insert(6);
		expect(onDisk()).toContain(6);
	});
});
