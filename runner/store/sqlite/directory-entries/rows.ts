import type {
	DirectoryEntry,
	DirectoryEntryName,
	DirectoryRows,
} from '../../contract/directory-entries.ts';
import { directoryEntryRow, OR_CHANGED, toDirectoryRows } from '../../rows/directory-entry.ts';
import { idsOfUsers, IN_USE, LOOKED_AT, mentionsOf } from '../../rules/entry-use.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';

export function readEntries(sql: Statements): DirectoryRows {
	return toDirectoryRows(sql.all`SELECT kind, name, body FROM directory_entries ORDER BY name`);
}

export function writeEntry(sql: Statements, entry: DirectoryEntry, now: number): void {
	sql.insert('directory_entries', directoryEntryRow(entry, now), OR_CHANGED);
}

export function deleteEntry(sql: Statements, { kind, name }: DirectoryEntryName): void {
	sql.run`DELETE FROM directory_entries WHERE kind = ${kind} AND name = ${name}`;
}

/** Read beside everything else: there may be many incidents. */
export async function usersOf(
	reader: Reader,
	entry: DirectoryEntryName,
): Promise<readonly string[]> {
	const { rows } = await reader.find(
		`SELECT body FROM incidents WHERE ${IN_USE} AND (instr(body, ?) > 0 OR instr(body, ?) > 0)
		 ORDER BY id DESC LIMIT ${LOOKED_AT}`,
		...mentionsOf(entry),
	);
	return idsOfUsers(rows, entry);
}
