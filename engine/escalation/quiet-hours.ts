import type { Contact } from './contact.ts';
import type { TimeZones } from './time-zones.ts';
import { holds, type Span, spansAround } from './weekly-period.ts';

/** Periods that adjoin for longer than this leave no time at all; milliseconds. */
const LONGEST_QUIET_MS = 8 * 24 * 3600 * 1000;

/** The time zone of a contact's quiet hours. */
export const zoneOf = ({ time_zone: zone = 'UTC' }: Pick<Contact, 'time_zone'>): string => zone;

/**
 * The end of the quiet hours that hold at `at`, across all that adjoin or overlap; `skip` where they say that nothing is
 * sent; undefined where none hold. Of several that hold, the last listed decides. A message that waits for the end of one
 * is not skipped by the next.
 *
 * Hours that leave no time at all hold nothing back, and so do those of a zone that this host does not know: a message that
 * nobody gets is worse than one at night.
 */
export function quietUntil(
	contact: Pick<Contact, 'quiet_hours' | 'time_zone'>,
	at: number,
	timeZones: TimeZones,
): number | 'skip' | undefined {
	const { quiet_hours: periods = [] } = contact;
	const zone = zoneOf(contact);
	if (periods.length === 0 || !timeZones.isKnown(zone)) return undefined;
	const spansAt = (time: number): readonly (Span & { readonly isSkipped: boolean })[] =>
		periods.flatMap((period) =>
			spansAround(period, time, zone, timeZones)
				.filter((span) => holds(span, time))
				.map((span) => ({ ...span, isSkipped: period.do === 'skip' })),
		);
	const now = spansAt(at);
	if (now.at(-1)?.isSkipped) return 'skip';
	let end = at;
	for (let spans: readonly Span[] = now; spans.length > 0; spans = spansAt(end)) {
		end = Math.max(...spans.map(({ to }) => to));
		if (end - at > LONGEST_QUIET_MS) return undefined;
	}
	return end > at ? end : undefined;
}
