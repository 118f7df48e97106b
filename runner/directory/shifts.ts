import {
	type Contact,
	type KnownCalendar,
	type OnCall,
	type Shift,
	truncate,
} from '@sureping/engine';
import type { CalendarEvents } from './calendars.ts';

/** Names in one warning; the others are counted. */
const MOST_NAMED = 3;
/** Characters of a title that a warning repeats. */
const MOST_TITLE = 60;

/**
 * The shifts of an on-call's calendar: the title of an event is the id or the name of a contact, in any case of letters. An
 * id goes before a name. An event that names nobody, or somebody who is not among the on-call's members, is told as a
 * warning.
 */
export function shiftsOf(
	{ members }: Pick<OnCall, 'members'>,
	contacts: readonly Contact[],
	{ events, warnings }: CalendarEvents,
): KnownCalendar {
	const ids = new Map(contacts.map(({ id }) => [folded(id), id]));
	const byName = Map.groupBy(contacts, ({ name }) => folded(name));
	const faults = new Set<string>();
	const shifts = events?.flatMap(({ summary, from, to }): readonly Shift[] => {
		const title = folded(summary);
		const named = byName.get(title) ?? [];
		const who = ids.get(title) ?? named[0]?.id;
		const isOneOfSeveral = ids.get(title) === undefined && named.length > 1;
		const fault =
			who === undefined
				? 'is no contact'
				: isOneOfSeveral
					? 'is the name of several contacts'
					: members.length > 0 && !members.includes(who)
						? 'is not one of the members'
						: undefined;
		if (fault === undefined && who !== undefined) return [{ who, from, to }];
		faults.add(`${JSON.stringify(truncate(summary, MOST_TITLE))} ${fault}`);
		return [];
	});
	const all = [...warnings, ...(faults.size > 0 ? [`in its calendar ${listed([...faults])}`] : [])];
	return { shifts, ...(all.length > 0 ? { warning: all.join('; ') } : {}) };
}

const folded = (text: string): string => text.trim().toLowerCase();

function listed(faults: readonly string[]): string {
	const more = faults.length - MOST_NAMED;
	const named = faults.filter((_, i) => i < MOST_NAMED).join(', ');
	return more > 0 ? `${named} and ${more} more` : named;
}
