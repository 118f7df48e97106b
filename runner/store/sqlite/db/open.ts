import { chmodSync, existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from '../../../make-folder.ts';
import { StoreError } from '../../contract/errors.ts';
import type { MigrationWatcher } from '../../migration.ts';
import { refusedSchema } from '../../rules/newer-schema.ts';
import { migrate, migrateWatched, newerSchema, schemaVersion } from './migrate.ts';
import { refuseFullDisk } from './room.ts';

/** SQLite's result code for a disk without room (https://www.sqlite.org/rescode.html#full). */
const DISK_FULL = 13;

export interface OpenDatabase {
	readonly db: DatabaseSync;
	close(): void;
}

/** Opens the file for this process alone, creates or migrates it, and makes every commit durable. */
export function openDatabase(file: string): OpenDatabase {
	const opened = openUnmigrated(file);
	try {
		refuseFullDisk(opened.db, file);
		migrate(opened.db, { now: Date.now() });
		return opened;
	} catch (error) {
		opened.close();
		throw interrupted(file, error);
	}
}

/** As `openDatabase`, and lets a watcher follow a migration that moves many rows. */
export async function openWatched(file: string, watcher: MigrationWatcher): Promise<OpenDatabase> {
	const opened = openUnmigrated(file);
	try {
		refuseFullDisk(opened.db, file);
		await migrateWatched(opened.db, watcher, { now: Date.now() });
		return opened;
	} catch (error) {
		opened.close();
		throw interrupted(file, error);
	}
}

function openUnmigrated(file: string): OpenDatabase {
	makeFolder(dirname(file));
	// By whatever path it is reached, it has one owner.
	const owner = takeOwnership(existsSync(file) ? realpathSync(file) : file);
	try {
		refuseForeign(file);
		// A backup or a shell may hold the lock for a moment. Waiting blocks everything, so not for long.
		const db = new DatabaseSync(file, { timeout: 250 });
		// The file holds endpoints' secrets, so only the runner's user may read it.
		chmodSync(file, 0o600);
		db.exec(
			'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000;',
		);
		return {
			db,
			close() {
				db.close();
				owner.close();
			},
		};
	} catch (error) {
		owner.close();
		throw unusable(file, error);
	}
}

/** The error to throw for one of SQLite, or of the file. */
function unusable(file: string, error: unknown): unknown {
	if (error instanceof StoreError) return error;
	return new StoreError(`${file} is not a usable database: ${messageOf(error)}`);
}

/** A migration that ended for want of room, for a fault of the file, or because its watcher wanted it to. */
function interrupted(file: string, error: unknown): unknown {
	const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined;
	if (code === undefined) return error;
	if ((code & 0xff) !== DISK_FULL) return unusable(file, error);
	return new StoreError(
		`The migration of ${file} has stopped: the disk is full. Make room and start again; it continues where it stopped.`,
	);
}

/**
 * One process owns a file: claims are kept in its memory. The lock is an open transaction on a file of its own, which
 * the operating system gives up when the process dies, however it dies.
 */
function takeOwnership(file: string): DatabaseSync {
	const owner = new DatabaseSync(`${file}-owner`);
	try {
		chmodSync(`${file}-owner`, 0o600);
		owner.exec('BEGIN EXCLUSIVE');
		return owner;
	} catch (error) {
		owner.close();
		throw new StoreError(
			`${file} is in use by another runner (${messageOf(error)}). Stop it, or give this one another --data-dir.`,
		);
	}
}

/**
 * Checks the file before anything is written: another program's database, or one of a newer version, is not changed.
 */
function refuseForeign(file: string): void {
	if (!existsSync(file) || statSync(file).size === 0) return;
	const db = new DatabaseSync(file, { readOnly: true });
	try {
		const newer = newerSchema(db);
		if (newer) throw new StoreError(refusedSchema(file, newer));
		if (schemaVersion(db) === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get()) {
			throw new Error('it has tables that are not Sureping’s');
		}
	} finally {
		db.close();
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
