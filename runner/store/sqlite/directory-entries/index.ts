import type { DirectoryEntries, DirectoryRows } from '../../contract/directory-entries.ts';
import type { Scope } from '../scope.ts';
import { deleteEntry, readEntries, usersOf, writeEntry } from './rows.ts';

export function createDirectoryEntries({ sql, commits, reader, now }: Scope): DirectoryEntries {
	// One process owns the file, so it need not read again what it wrote.
	let known: DirectoryRows | undefined;
	return {
		all: async () => (known ??= readEntries(sql)),
		change: (step) =>
			commits.run(() => {
				const { put, remove, result } = step(readEntries(sql));
				if (put) writeEntry(sql, put, now());
				if (remove) deleteEntry(sql, remove);
				if (put ?? remove) commits.onceDurable(() => (known = undefined));
				return result;
			}),
		usedBy: (entry) => usersOf(reader, entry),
	};
}
