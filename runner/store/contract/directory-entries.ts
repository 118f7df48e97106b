import type { Contact, OnCall, Policy } from '@sureping/engine';

/** Contacts, on-calls and policies that were made over the API; those of the config file are not stored. */
export interface DirectoryEntries {
	/** All of them, as the last committed change left them. */
	all(): Promise<DirectoryRows>;
	/**
	 * Applies a change to what is stored, in one transaction, and serialised with all other changes: what a check in it saw
	 * still holds when it is committed. `undefined`, or an error that it throws, changes nothing.
	 */
	change<T>(step: (now: DirectoryRows) => DirectoryChange<T>): Promise<T>;
}

export interface DirectoryRows {
	readonly contacts: readonly Contact[];
	readonly onCalls: readonly OnCall[];
	readonly policies: readonly Policy[];
	/** Ids of contacts, and names of on-calls and policies, that incidents use which are open or acknowledged. */
	readonly inUse: {
		readonly contacts: ReadonlySet<string>;
		readonly onCalls: ReadonlySet<string>;
		readonly policies: ReadonlySet<string>;
	};
}

/** One entry to store or to remove, and the result for the caller. */
export interface DirectoryChange<T> {
	readonly put?: DirectoryEntry | undefined;
	readonly remove?: Pick<DirectoryEntry, 'kind'> & { readonly name: string };
	readonly result: T;
}

export const DIRECTORY_KINDS = ['contact', 'on_call', 'policy'] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];

export type DirectoryEntry =
	| { readonly kind: 'contact'; readonly entry: Contact }
	| { readonly kind: 'on_call'; readonly entry: OnCall }
	| { readonly kind: 'policy'; readonly entry: Policy };
