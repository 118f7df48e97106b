import ICAL from 'ical.js';
import { timeZones } from '../time-zones.ts';
import type { CalendarAnswer, CalendarEvent, CalendarRequest } from './read-calendar.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Occurrences of an event that are looked at, those of the past included. */
const MOST_LOOKS = 100_000;
/** Events within the time that is asked for. */
const MOST_EVENTS = 2_000;
/** Time zones that a calendar may name. */
const MOST_ZONES = 100;

/** The names of time zones in a calendar's text, as parameters of its times. */
const ZONE_NAMES = /;TZID=("[^"\r\n]{1,100}"|[^"\r\n:;]{1,100})[:;]/gi;

/** A calendar with more than is read. */
class TooMany extends Error {
	override readonly name = 'TooMany';
}

/** A zone of the IANA database, for a calendar that names it without its definition. Serves to compare times. */
class IanaZone extends ICAL.Timezone {
	override utcOffset(time: ICAL.Time): number {
		const shown = shownMs(time);
		const offsetAt = (instant: number): number => {
			const { day, minutes } = timeZones.wallClock(instant, this.tzid);
			return day * DAY_MS + minutes * MINUTE_MS - Math.floor(instant / MINUTE_MS) * MINUTE_MS;
		};
		return offsetAt(shown - offsetAt(shown)) / 1000;
	}
}

/** Expands the events of a calendar. Throws for a text that is no calendar. */
export function expand(request: CalendarRequest): CalendarAnswer {
	const { text, zone } = request;
	const strange = registerZones(text);
	const parsed: unknown = ICAL.parse(text);
	// A text with several calendars is parsed into a list of them.
	const calendars = Array.isArray(parsed) && Array.isArray(parsed[0]) ? parsed : [parsed];
	try {
		const events: CalendarEvent[] = [];
		for (const series of calendars.flatMap((calendar) => seriesOf(calendar))) {
			for (const found of occurrencesOf(series, request)) {
				const { from, to } = found;
				if (from >= to || from >= request.to || to <= request.from) continue;
				if (events.push(found) <= MOST_EVENTS) continue;
				throw new TooMany(`it has more than ${MOST_EVENTS} events in the next weeks`);
			}
		}
		const warnings = strange.map(
			(name) => `it names the time zone ${name}, which is unknown; times in it count as in ${zone}`,
		);
		return { ok: true, events: events.sort((a, b) => a.from - b.from), warnings };
	} catch (error) {
		if (error instanceof TooMany) return { ok: false, reason: error.message };
		throw error;
	}
}

/** Makes the zones known that a calendar names. Returns those that neither it nor this host defines. */
function registerZones(text: string): readonly string[] {
	const found = [...text.matchAll(ZONE_NAMES)].map(([, name = '']) => name.replaceAll('"', ''));
	const names = [...new Set(found)].slice(0, MOST_ZONES);
	for (const name of names.filter((one) => timeZones.isKnown(one))) {
		ICAL.TimezoneService.register(new IanaZone({ tzid: name }), name);
	}
	return names.filter((name) => !timeZones.isKnown(name) && !text.includes(`\nTZID:${name}`));
}

/** An event with the exceptions of its occurrences. */
interface Series {
	readonly event: ICAL.Event;
	readonly exceptions: readonly ICAL.Event[];
}

function seriesOf(calendar: unknown): readonly Series[] {
	if (!Array.isArray(calendar) || calendar[0] !== 'vcalendar') throw new Error('No calendar');
	const all = new ICAL.Component(calendar)
		.getAllSubcomponents('vevent')
		// Without exceptions of its own, an event would take all those of the calendar for its own.
		.map((component) => new ICAL.Event(component, { exceptions: [] }));
	const exceptions = Map.groupBy(
		all.filter((event) => event.isRecurrenceException()),
		({ uid }) => uid,
	);
	const series = all
		.filter((event) => !event.isRecurrenceException())
		.map((event) => {
			const own = exceptions.get(event.uid) ?? [];
			exceptions.delete(event.uid);
			for (const exception of own) event.relateException(exception);
			return { event, exceptions: own };
		});
	// An exception without its event is an event by itself.
	const orphans = [...exceptions.values()].flat();
	return [...series, ...orphans.map((event) => ({ event, exceptions: [] }))];
}

function* occurrencesOf(
	{ event, exceptions }: Series,
	{ from, to, zone }: CalendarRequest,
): Iterable<CalendarEvent> {
	if (!event.isRecurring()) {
		for (const one of [event, ...exceptions]) yield* occurrence(one.startDate, one, zone);
		return;
	}
	const unseen = new Set(exceptions);
	const expansion = event.iterator();
	const own = spanOf(event.startDate, event, zone);
	// An occurrence that is surely over is not looked at closely: there may be years of them.
	const surelyOver = exceptions.length > 0 ? -Infinity : from - (own.to - own.from) - 2 * DAY_MS;
	let looks = 0;
	for (let time = expansion.next(); time; time = expansion.next()) {
		if (++looks > MOST_LOOKS) throw new TooMany(`an event repeats more than ${MOST_LOOKS} times`);
		if (shownMs(time) < surelyOver) continue;
		if (instantsOf(time, event, 'dtstart', zone).first >= to) break;
		const { startDate: start, item } = event.getOccurrenceDetails(time);
		unseen.delete(item);
		yield* occurrence(start, item, zone);
	}
	// One that was moved here from after the end, or replaces an occurrence that there is not.
	for (const one of unseen) yield* occurrence(one.startDate, one, zone);
}

/** `event` says how long it takes and what its title is: an exception, or the series itself. */
function occurrence(start: ICAL.Time, event: ICAL.Event, zone: string): readonly CalendarEvent[] {
	if (isCancelled(event)) return [];
	return [{ summary: String(event.summary ?? ''), ...spanOf(start, event, zone) }];
}

const isCancelled = ({ component }: ICAL.Event): boolean =>
	String(component.getFirstPropertyValue('status')).toUpperCase() === 'CANCELLED';

/**
 * The time from an occurrence's beginning to its end. An end on the clock of the same zone stays at that time of day, also
 * across a clock change; so do the days of a duration. Its hours are exact (RFC 5545 §3.3.6).
 */
function spanOf(
	start: ICAL.Time,
	event: ICAL.Event,
	zone: string,
): Pick<CalendarEvent, 'from' | 'to'> {
	const from = instantsOf(start, event, 'dtstart', zone).first;
	const { component, startDate, endDate } = event;
	const duration = component.getFirstPropertyValue('duration');
	if (!component.hasProperty('dtend') && duration instanceof ICAL.Duration) {
		const { weeks, days, hours, minutes, seconds, isNegative } = duration;
		if (isNegative) return { from, to: from };
		const end = shifted(start, (weeks * 7 + days) * DAY_MS);
		const exact = ((hours * 60 + minutes) * 60 + seconds) * 1000;
		const last = instantsOf(end, event, 'dtstart', zone).last;
		return { from, to: exact === 0 ? last : instantsOf(end, event, 'dtstart', zone).first + exact };
	}
	const ownZone = zoneNameOf(event, 'dtstart', startDate);
	if (zoneNameOf(event, 'dtend', endDate) !== ownZone && component.hasProperty('dtend')) {
		const length =
			instantsOf(endDate, event, 'dtend', zone).last -
			instantsOf(startDate, event, 'dtstart', zone).first;
		return { from, to: from + length };
	}
	const end = shifted(start, shownMs(endDate) - shownMs(startDate));
	return { from, to: instantsOf(end, event, 'dtstart', zone).last };
}

/** The instants at which the clock of a time's zone shows it. */
function instantsOf(
	time: ICAL.Time,
	event: ICAL.Event,
	property: 'dtstart' | 'dtend',
	zone: string,
): { readonly first: number; readonly last: number } {
	const name = zoneNameOf(event, property, time);
	const shown = shownMs(time);
	if (name === UTC) return { first: shown, last: shown };
	const isIana = name !== undefined && timeZones.isKnown(name);
	const defined = name === undefined || isIana ? undefined : event.component.getTimeZoneByID(name);
	if (defined) {
		const instant = shown - defined.utcOffset(time) * 1000;
		return { first: instant, last: instant };
	}
	const { first, last } = timeZones.instantsOf(clockOf(time), isIana ? name : zone);
	const seconds = time.second * 1000;
	return { first: first + seconds, last: last + seconds };
}

const UTC = 'UTC';

/** The zone that a property names; undefined for a whole day and for a time that holds in any zone. */
function zoneNameOf(
	{ component }: ICAL.Event,
	property: 'dtstart' | 'dtend',
	time: ICAL.Time,
): string | undefined {
	if (time.isDate) return undefined;
	if (time.zone === ICAL.Timezone.utcTimezone) return UTC;
	const given: unknown = component.getFirstProperty(property)?.getParameter('tzid');
	return typeof given === 'string' ? given : undefined;
}

/** Milliseconds since 1970 that a clock shows, as if it were in UTC. */
const shownMs = ({ year, month, day, hour, minute, second }: ICAL.Time): number =>
	Date.UTC(year, month - 1, day, hour, minute, second);

function clockOf(time: ICAL.Time): { readonly day: number; readonly minutes: number } {
	const shown = shownMs(time);
	const day = Math.floor(shown / DAY_MS);
	return { day, minutes: Math.floor((shown - day * DAY_MS) / MINUTE_MS) };
}

function shifted(time: ICAL.Time, ms: number): ICAL.Time {
	const moved = time.clone();
	moved.addDuration(ICAL.Duration.fromSeconds(Math.round(ms / 1000)));
	return moved;
}
