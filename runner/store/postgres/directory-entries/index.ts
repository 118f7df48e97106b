import type { DirectoryEntries, DirectoryRows } from '../../contract/directory-entries.ts';
import type { Scope } from '../scope.ts';
import {
	deleteEntry,
	nextVersion,
	readEntries,
	readVersion,
	sendDirectoryLock,
	usersOf,
	writeEntry,
} from './rows.ts';

export function createDirectoryEntries({ database, now }: Scope): DirectoryEntries {
	let known: { readonly entries: DirectoryRows; readonly version: number } | undefined;
	return {
		async all() {
			if (known?.version !== (await readVersion(database))) known = await readEntries(database);
			return known.entries;
		},
		change: (step) =>
			database.transaction(async (sql) => {
				sendDirectoryLock(sql);
				const { put, remove, result } = step((await readEntries(sql)).entries);
				if (put) writeEntry(sql, put, now());
				if (remove) deleteEntry(sql, remove);
				if (put ?? remove) nextVersion(sql);
				return result;
			}),
		usedBy: (entry) => usersOf(database, entry),
	};
}
