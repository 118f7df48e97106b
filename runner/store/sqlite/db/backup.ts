import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	renameSync,
	rmSync,
	statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileReason } from '../../../words/index.ts';
import { checkDatabase } from './check.ts';

export type BackupResult =
	{ readonly ok: true; readonly bytes: number } | { readonly ok: false; readonly reason: string };

/**
 * Copies the database as it is at this moment into one file, also while a runner writes. `VACUUM INTO` reads from one
 * snapshot, so the copy is consistent and the writer does not wait for it (sqlite.org/lang_vacuum.html,
 * sqlite.org/isolation.html); the backup API would start over with every commit of another process. The file has its
 * name only once it is complete, on disk and found sound.
 */
export function backUp(file: string, to: string): BackupResult {
	if (!existsSync(file)) return { ok: false, reason: `${file} is not there` };
	if (existsSync(to)) return { ok: false, reason: `${to} is there already` };
	const unfinished = `${to}.unfinished`;
	let db: DatabaseSync | undefined;
	try {
		rmSync(unfinished, { force: true });
		// Secrets are in there: made with these rights, not given them later.
		closeSync(openSync(unfinished, 'wx', 0o600));
		db = new DatabaseSync(file, { readOnly: true });
		db.prepare('VACUUM INTO ?').run(unfinished);
		chmodSync(unfinished, 0o600);
		const { ok, found } = checkDatabase(unfinished);
		if (!ok) throw new Error(`the copy ${found}`);
		sync(unfinished);
		renameSync(unfinished, to);
		sync(dirname(to));
		return { ok: true, bytes: statSync(to).size };
	} catch (error) {
		rmSync(unfinished, { force: true });
		return { ok: false, reason: `${to} cannot be written: ${fileReason(error)}` };
	} finally {
		db?.close();
	}
}

/** SQLite does not wait for the disk here, and a name is on it only with its directory. */
function sync(path: string): void {
	const handle = openSync(path, 'r');
	try {
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
}
