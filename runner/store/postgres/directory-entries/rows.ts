import type {
	DirectoryEntry,
	DirectoryEntryName,
	DirectoryRows,
} from '../../contract/directory-entries.ts';
import { directoryEntryRow, OR_CHANGED, toDirectoryRows } from '../../rows/directory-entry.ts';
import { idsOfUsers, IN_USE, LOOKED_AT, mentionsOf } from '../../rules/entry-use.ts';
import type { Sql, Transaction } from '../db/database.ts';
import { inserted, writeLater } from '../db/write-rows.ts';

/** The key of the advisory lock of all changes: any number that nothing else locks. */
const DIRECTORY_LOCK = 7_383_737_466;

/**
 * Keeps other changes waiting until the transaction ends. A statement of its own: one sees what was committed before it
 * began, not before it got the lock.
 */
export function sendDirectoryLock(sql: Transaction): void {
	sql.later(`SELECT pg_advisory_xact_lock(${DIRECTORY_LOCK})`);
}

/** Reads all entries and their version in one statement, so that they belong together. */
export async function readEntries(
	sql: Sql,
): Promise<{ readonly entries: DirectoryRows; readonly version: number }> {
	const rows = await sql.rows(
		`SELECT f.directory_version, d.kind, d.name, d.body
		 FROM sureping.feed f LEFT JOIN sureping.directory_entries d ON TRUE ORDER BY d.name`,
	);
	return {
		entries: toDirectoryRows(rows.filter(({ kind }) => kind !== null)),
		version: Number(rows[0]?.directory_version),
	};
}

export async function readVersion(sql: Sql): Promise<number> {
	const [row] = await sql.rows('SELECT directory_version FROM sureping.feed WHERE id = 1');
	return Number(row?.directory_version);
}

export function writeEntry(sql: Transaction, entry: DirectoryEntry, now: number): void {
	writeLater(sql, inserted('directory_entries', [directoryEntryRow(entry, now)], OR_CHANGED));
}

export function deleteEntry(sql: Transaction, { kind, name }: DirectoryEntryName): void {
	sql.later('DELETE FROM sureping.directory_entries WHERE kind = $1 AND name = $2', [kind, name]);
}

/** Raises the version by which other processes notice a change. */
export function nextVersion(sql: Transaction): void {
	sql.later('UPDATE sureping.feed SET directory_version = directory_version + 1 WHERE id = 1');
}

export async function usersOf(sql: Sql, entry: DirectoryEntryName): Promise<readonly string[]> {
	const rows = await sql.rows(
		`SELECT body FROM sureping.incidents
		 WHERE ${IN_USE} AND (strpos(body, $1) > 0 OR strpos(body, $2) > 0)
		 ORDER BY id DESC LIMIT ${LOOKED_AT}`,
		mentionsOf(entry),
	);
	return idsOfUsers(rows, entry);
}
