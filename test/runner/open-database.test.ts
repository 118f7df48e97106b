import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../runner/store/sqlite/db/open.ts';
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
