import {
	problemsOfContact,
	problemsOfOnCall,
	problemsOfPolicy,
	type Problem,
} from '@sureping/engine';
import type { Entries } from '../../directory/index.ts';
import type { DirectoryEntry } from '../../store/contract/directory-entries.ts';
import type { Api } from '../api.ts';
import { CONTACT, entryOf, ON_CALL } from './entry-kinds.ts';

/** The mistakes of an entry beyond its schema, such as contacts that there are not, with the paths of its fields. */
export function problemsOfEntry(
	{ kind, entry }: DirectoryEntry,
	all: Entries,
	{ timeZones, catalog }: Pick<Api, 'timeZones' | 'catalog'>,
): readonly Problem[] {
	const directory = {
		contact: (id: string) => entryOf(CONTACT, id, all),
		onCall: (name: string) => entryOf(ON_CALL, name, all),
	};
	if (kind === 'contact') return problemsOfContact(entry, { timeZones, catalog });
	if (kind === 'policy') return problemsOfPolicy(entry, { directory, catalog });
	const hasContact = (id: string): boolean => directory.contact(id) !== undefined;
	return problemsOfOnCall(entry, { timeZones, hasContact });
}
