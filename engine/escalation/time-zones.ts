import { WEEKDAYS, type Weekday } from './clock-time.ts';

const DAY_MS = 24 * 3600 * 1000;

/** A date and a time of day on the wall clock of a zone. */
export interface WallClock {
	/** Days since 1970-01-01, by the zone's own calendar. */
	readonly day: number;
	/** Full minutes since midnight that the clock shows. */
	readonly minutes: number;
}

/** Time zones, which a host knows. Instants are milliseconds since 1970. */
export interface TimeZones {
	/** True for an IANA name such as `Europe/Berlin`. The other functions take only those. */
	isKnown(zone: string): boolean;
	wallClock(instant: number, zone: string): WallClock;
	/**
	 * The instants at which a clock shows a time; 1440 minutes are the next midnight. A time that the clock skips counts as
	 * the next minute that it shows. Where the clock is set back it shows a time twice: then `last` is later than `first`.
	 */
	instantsOf(time: WallClock, zone: string): { readonly first: number; readonly last: number };
}

/** The weekday of a day that is counted from 1970-01-01, a Thursday. */
export function weekdayOf(day: number): Weekday {
	return WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? 'Mon';
}

/** The days from 1970-01-01 to a date such as `2028-02-29`. */
export function dayOf(date: string): number {
	return Date.parse(date) / DAY_MS;
}
