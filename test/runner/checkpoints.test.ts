import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Checkpoints } from '../../runner/store/sqlite/db/checkpoints.ts';
import { GroupCommit } from '../../runner/store/sqlite/db/group-commit.ts';
import { WalSync } from '../../runner/store/sqlite/db/wal-sync.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MB = 1024 * 1024;

describe('the log of a database that is written to all the time', () => {
	let file: string;
	let db: DatabaseSync;
	let disk: WalSync;
	let checkpoints: Checkpoints;
	let commits: GroupCommit;
	beforeEach(() => {
		file = join(temporaryDirectory('log'), 'a.db');
		db = new DatabaseSync(file);
		db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB) STRICT');
		db.exec('PRAGMA synchronous = NORMAL');
		disk = new WalSync(file);
		commits = new GroupCommit(db, undefined, async () => {
			await disk.sync();
			checkpoints.look();
		});
		checkpoints = new Checkpoints(db, file, commits);
	});
	afterEach(async () => {
		await checkpoints.close();
		await commits.synced();
		await disk.close();
		db.close();
	});

	const insert = (): Promise<unknown> =>
		commits.run(() => db.prepare('INSERT INTO t (body) VALUES (zeroblob(40000))').run());

	it('starts over when it has been moved into the database, so that it does not grow', async () => {
		for (let i = 0; i < 2_500; i++) await insert();
		// 100 MB went through it. Without a thread, the writer moves 80 MB itself.
		expect(statSync(`${file}-wal`).size).toBeLessThan(64 * MB);
		expect(statSync(file).size).toBeGreaterThan(40 * MB);
		expect(db.prepare('SELECT count(*) AS n FROM t').get()?.n).toBe(2_500);
		expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
	});

	it('is moved while changes wait, and they are committed then', async () => {
		let isMoved = false;
		let waiting: Promise<unknown> | undefined;
		await commits.pausedFor(async () => {
			waiting = insert().then(() => expect(isMoved).toBe(true));
			await new Promise((resolve) => setImmediate(resolve));
			isMoved = true;
		});
		await waiting;
		expect(db.prepare('SELECT count(*) AS n FROM t').get()?.n).toBe(1);
	});
});
