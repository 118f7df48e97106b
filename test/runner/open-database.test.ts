import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate, type Schema } from '../../runner/store/sqlite/db/migrate.ts';
import { MIGRATIONS } from '../../runner/store/sqlite/db/migrations.ts';
import { openDatabase } from '../../runner/store/sqlite/db/open.ts';
import { refuseFullDisk } from '../../runner/store/sqlite/db/room.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MB = 1024 * 1024;

describe('the connection that writes to the SQLite store', () => {
	const file = join(temporaryDirectory('open'), 'a.db');
	const { db, close } = openDatabase(file);
	afterAll(close);

	const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0];

	it('waits for the disk with every commit (sqlite.org/pragma.html#pragma_synchronous)', () => {
		const FULL = 2;
		expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', FULL]);
	});

	it('keeps the rows of a notification together', () => {
		expect(pragma('foreign_keys')).toBe(1);
	});

	it('keeps its log small, however much is written', () => {
		const text = 'x'.repeat(64 * 1024);
		db.exec('CREATE TABLE written (text TEXT)');
		for (let i = 0; i < 40; i++) {
			db.exec('BEGIN');
			for (let k = 0; k < 32; k++) db.prepare('INSERT INTO written VALUES (?)').run(text);
			db.exec('COMMIT');
		}
		expect(statSync(file).size).toBeGreaterThan(60 * MB);
		expect(statSync(`${file}-wal`).size).toBeLessThan(32 * MB);
	});
});

describe('the room for a migration', () => {
	const MOVES: Schema = {
		steps: [...MIGRATIONS, 'ALTER TABLE notifications RENAME TO notifications_before;'],
		phases: {
			[MIGRATIONS.length + 1]: [
				{ rows: { from: 'events', key: 'position', before: 0, move: [], copied: ['events'] } },
			],
		},
	};
	const opened = (): DatabaseSync => {
		const db = new DatabaseSync(join(temporaryDirectory('room'), 'a.db'));
		migrate(db, { now: 0 });
		db.exec(`INSERT INTO events (id, notification_id, type, body)
			VALUES ('evt_1', 'msg_1', 'notification.queued', '${'x'.repeat(10 * MB)}')`);
		return db;
	};
	const refusal = (
		db: DatabaseSync,
		free: number | undefined,
		schema = MOVES,
	): string | undefined => {
		try {
			refuseFullDisk(db, '/data/a.db', { schema, freeBytes: () => free });
			return undefined;
		} catch (error) {
			return String(error);
		} finally {
			db.close();
		}
	};

	it('is asked for before anything is changed', () => {
		expect(refusal(opened(), 12 * MB)).toMatch(
			/The migration of \/data\/a\.db needs 3\d MB of free disk, and 12 MB are free\. Make room/,
		);
		expect(refusal(opened(), 50 * MB)).toBeUndefined();
	});

	it('is not asked for where the file system does not tell what is free', () => {
		expect(refusal(opened(), undefined)).toBeUndefined();
	});

	it('includes what is free within the file', () => {
		const db = opened();
		const copy = 'CREATE TABLE copy AS SELECT * FROM events';
		db.exec(`${copy}; DROP TABLE copy`);
		expect(refusal(db, 25 * MB)).toBeUndefined();
	});

	it('is not needed where no rows are moved', () => {
		expect(refusal(opened(), 0, { ...MOVES, phases: {} })).toBeUndefined();
	});
});
