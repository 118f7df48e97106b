import type { Contact, OnCall, Policy } from '@sureping/engine';
import type { Entries } from '../../directory/index.ts';
import type { DirectoryEntry, DirectoryKind } from '../../store/contract/directory-entries.ts';
import type { EntryUser } from './users-of-entry.ts';

/** A kind of entry: the words for it, and its place in lists. */
export interface EntryKind<T> {
	readonly kind: DirectoryKind;
	/** As messages name one and several. */
	readonly one: string;
	readonly several: string;
	/** The field that has its name. */
	readonly field: 'id' | 'name';
	/** The key of the config file that lists them. */
	readonly setting: string;
	listOf(entries: Entries): readonly T[];
	nameOf(entry: T): string;
	toStored(entry: T): DirectoryEntry;
}

export const CONTACT: EntryKind<Contact> = {
	kind: 'contact',
	one: 'contact',
	several: 'contacts',
	field: 'id',
	setting: 'contacts',
	listOf: ({ contacts }) => contacts,
	nameOf: ({ id }) => id,
	toStored: (entry) => ({ kind: 'contact', entry }),
};

export const ON_CALL: EntryKind<OnCall> = {
	kind: 'on_call',
	one: 'on-call',
	several: 'on-calls',
	field: 'name',
	setting: 'on_call',
	listOf: ({ onCalls }) => onCalls,
	nameOf: ({ name }) => name,
	toStored: (entry) => ({ kind: 'on_call', entry }),
};

export const POLICY: EntryKind<Policy> = {
	kind: 'policy',
	one: 'policy',
	several: 'policies',
	field: 'name',
	setting: 'policies',
	listOf: ({ policies }) => policies,
	nameOf: ({ name }) => name,
	toStored: (entry) => ({ kind: 'policy', entry }),
};

const WORDS: Readonly<Record<DirectoryKind | 'incident', string>> = {
	contact: CONTACT.one,
	on_call: ON_CALL.one,
	policy: POLICY.one,
	incident: 'incident',
};

/** `contact "anna"`. */
export const inWords = ({ kind, name }: EntryUser): string => `${WORDS[kind]} "${name}"`;

/** The entry that has a name. */
export function entryOf<T>(kind: EntryKind<T>, name: string, entries: Entries): T | undefined {
	return kind.listOf(entries).find((entry) => kind.nameOf(entry) === name);
}

/** The index of an entry in its list of the config file; -1 where that does not have it. */
export function configuredAt<T>(kind: EntryKind<T>, name: string, configured: Entries): number {
	return kind.listOf(configured).findIndex((entry) => kind.nameOf(entry) === name);
}
