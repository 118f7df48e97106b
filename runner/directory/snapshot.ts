import {
	type Contact,
	type Directory,
	dutyAt,
	type DutyChange,
	type DutyFacts,
	type KnownCalendar,
	nextDuty,
	type OnCall,
	type Policy,
	quietUntil,
	type TimeZones,
} from '@sureping/engine';

/** Contacts, on-calls and policies, from the config or from the store. */
export interface Entries {
	readonly contacts: readonly Contact[];
	readonly onCalls: readonly OnCall[];
	readonly policies: readonly Policy[];
}

/** A directory at one moment, with what the engine needs to know of time zones and calendars. */
export interface DirectorySnapshot extends Directory {
	/** The next change of who is on call after `at`; undefined where nothing changes, or there is no such on-call. */
	nextDuty(name: string, at: number): DutyChange | undefined;
	/** The end of a contact's quiet hours that hold at `at`, or `skip`; undefined where none do. */
	quietUntil(contactId: string, at: number): number | 'skip' | undefined;
}

/** Puts entries of the config and of the store together. One of the config wins over a stored one of the same name. */
export function combined(configured: Entries, stored: Entries): Entries {
	return {
		contacts: union(configured.contacts, stored.contacts, ({ id }) => id),
		onCalls: union(configured.onCalls, stored.onCalls, ({ name }) => name),
		policies: union(configured.policies, stored.policies, ({ name }) => name),
	};
}

function union<T>(first: readonly T[], second: readonly T[], nameOf: (entry: T) => string): T[] {
	const names = new Set(first.map(nameOf));
	return [...first, ...second.filter((entry) => !names.has(nameOf(entry)))];
}

/** `calendars` has the calendars of on-calls that have one and were read, by the on-call's name. */
export function snapshotOf(
	{ contacts, onCalls, policies }: Entries,
	timeZones: TimeZones,
	calendars: ReadonlyMap<string, KnownCalendar>,
): DirectorySnapshot {
	const contactsById = new Map(contacts.map((contact) => [contact.id, contact]));
	const onCallsByName = new Map(onCalls.map((onCall) => [onCall.name, onCall]));
	const policiesByName = new Map(policies.map((policy) => [policy.name, policy]));
	const hasContact = (id: string): boolean => contactsById.has(id);
	const factsOf = ({ name }: OnCall): DutyFacts => ({
		timeZones,
		hasContact,
		calendar: calendars.get(name),
	});
	return {
		contacts,
		onCalls,
		policies,
		contact: (id) => contactsById.get(id),
		onCall: (name) => onCallsByName.get(name),
		policy: (name) => policiesByName.get(name),
		duty(name, at) {
			const onCall = onCallsByName.get(name);
			return onCall && dutyAt(onCall, at, factsOf(onCall));
		},
		nextDuty(name, at) {
			const onCall = onCallsByName.get(name);
			return onCall && nextDuty(onCall, at, factsOf(onCall));
		},
		quietUntil(contactId, at) {
			const contact = contactsById.get(contactId);
			return contact && quietUntil(contact, at, timeZones);
		},
	};
}
