import type { Problem } from '../dispatch/plan.ts';
import type { OnCall } from './on-call.ts';
import { handoverOf } from './rotation.ts';
import type { TimeZones } from './time-zones.ts';

/** The mistakes of an on-call that its schema does not find. `path` is its own place, such as `on_call.0`. */
export function problemsOfOnCall(
	onCall: OnCall,
	{ timeZones, hasContact }: { readonly timeZones: TimeZones; hasContact(id: string): boolean },
	path = '',
): readonly Problem[] {
	const { members, overrides, time_zone: zone, every, ical_url: url } = onCall;
	const at = (place: string, message: string): Problem => ({ path: placeIn(path, place), message });
	const unknown = (id: string, place: string): Problem[] =>
		hasContact(id) ? [] : [at(place, `there is no contact ${id}`)];
	const { weekday } = handoverOf(onCall);
	const refusedUrl = url === undefined ? undefined : refuseCalendarUrl(url);
	return [
		...members.flatMap((id, i) => unknown(id, `members.${i}`)),
		...(every === 'week' && !weekday
			? [
					at(
						'handover',
						`needs a weekday with every: week, such as "Mon ${onCall.handover ?? '09:00'}"`,
					),
				]
			: []),
		...(every === 'day' && weekday
			? [at('handover', 'must be a time without a weekday with every: day, such as "09:00"')]
			: []),
		...(timeZones.isKnown(zone) ? [] : [at('time_zone', unknownZone(zone))]),
		...(refusedUrl ? [at('ical_url', refusedUrl)] : []),
		...overrides.flatMap(({ who }, i) => unknown(who, `overrides.${i}.who`)),
	];
}

/** `members.0` of the on-call at `on_call.1` is `on_call.1.members.0`. */
export function placeIn(path: string, place: string): string {
	return path === '' ? place : `${path}.${place}`;
}

export const unknownZone = (zone: string): string =>
	`there is no time zone ${zone}; give an IANA name such as "Europe/Berlin"`;

function refuseCalendarUrl(url: string): string | undefined {
	if (/^https?:/i.test(url)) return undefined;
	return /^webcals?:/i.test(url)
		? 'must be an https URL; put "https:" in place of "webcal:"'
		: 'must be an http or https URL';
}
