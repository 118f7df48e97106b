import type { Contact, OnCall, Policy } from '@sureping/engine';

/** Contacts, on-calls and policies that were made over the API; those of the config file are not stored. */
export interface DirectoryEntries {
	/** All of them, as the last committed change left them. Cheap while nothing changes, also between processes. */
	all(): Promise<DirectoryRows>;
	/**
	 * Applies a change to what is stored, in one transaction, and serialised with all other changes: what a check in it saw
	 * still holds when it is committed. `step` may be called twice; an error that it throws changes nothing. Without `put`
	 * and `remove`, nothing is written.
	 */
	change<T>(step: (now: DirectoryRows) => DirectoryChange<T>): Promise<T>;
	/**
	 * Ids of incidents that are open or acknowledged and whose policy or pages name an entry, the newest first, at most 20.
	 * One that opens meanwhile may be missing; it has a copy of its policy and goes on without the entry.
	 */
	usedBy(entry: DirectoryEntryName): Promise<readonly string[]>;
}

/** Each list is in the order of its names. */
export interface DirectoryRows {
	readonly contacts: readonly Contact[];
	readonly onCalls: readonly OnCall[];
	readonly policies: readonly Policy[];
	/** Entries whose rows cannot be read. They are left out of the lists, and can be replaced or removed. */
	readonly broken: readonly DirectoryEntryName[];
}

/** One entry to store or to remove, and the result for the caller. */
export interface DirectoryChange<T> {
	/** A new entry, or the new version of the one that has its name. */
	readonly put?: DirectoryEntry | undefined;
	readonly remove?: DirectoryEntryName | undefined;
	readonly result: T;
}

export const DIRECTORY_KINDS = ['contact', 'on_call', 'policy'] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];

/** The id of a contact, or the name of an on-call or a policy. */
export interface DirectoryEntryName {
	readonly kind: DirectoryKind;
	readonly name: string;
}

export type DirectoryEntry =
	| { readonly kind: 'contact'; readonly entry: Contact }
	| { readonly kind: 'on_call'; readonly entry: OnCall }
	| { readonly kind: 'policy'; readonly entry: Policy };

export function nameOfEntry(entry: DirectoryEntry): DirectoryEntryName {
	const { kind } = entry;
	return { kind, name: kind === 'contact' ? entry.entry.id : entry.entry.name };
}
