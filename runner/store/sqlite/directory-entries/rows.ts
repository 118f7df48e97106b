import type {
	DirectoryEntry,
	DirectoryEntryName,
	DirectoryRows,
} from '../../contract/directory-entries.ts';
import { directoryEntryRow, OR_CHANGED, toDirectoryRows } from '../../rows/directory-entry.ts';
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
