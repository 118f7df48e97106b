import type { Contact, OnCall, Policy } from '@sureping/engine';
import {
	type DirectoryEntry,
	type DirectoryEntryName,
	type DirectoryRows,
	nameOfEntry,
} from '../contract/directory-entries.ts';
import { BrokenRow } from '../contract/errors.ts';
import { fromJson, type NewRow, type Row, word } from './columns.ts';

/** Makes an INSERT of a `directoryEntryRow` update the entry that has its name. */
export const OR_CHANGED =
	'ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at';

export function directoryEntryRow(entry: DirectoryEntry, now: number): NewRow {
	return {
		...nameOfEntry(entry),
		body: JSON.stringify(entry.entry),
		created_at: now,
		changed_at: now,
	};
}

/** Reads all rows, which are in the order of their names. */
export function toDirectoryRows(rows: readonly Row[]): DirectoryRows {
	const contacts: Contact[] = [];
	const onCalls: OnCall[] = [];
	const policies: Policy[] = [];
	const broken: DirectoryEntryName[] = [];
	for (const row of rows) {
		const name: DirectoryEntryName = { kind: word(row.kind), name: String(row.name) };
		try {
			if (name.kind === 'contact') contacts.push(bodyOf(row));
			else if (name.kind === 'on_call') onCalls.push(bodyOf(row));
			else policies.push(bodyOf(row));
		} catch (error) {
			if (!(error instanceof BrokenRow)) throw error;
			broken.push(name);
		}
	}
	return { contacts, onCalls, policies, broken };
}

function bodyOf<T>({ body }: Row): T {
	const entry = fromJson<T>(body);
	if (typeof entry !== 'object' || entry === null) throw new BrokenRow('It is no object any more');
	return entry;
}
