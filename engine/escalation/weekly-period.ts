import { minutesOf, type Weekday } from './clock-time.ts';
import { type TimeZones, weekdayOf } from './time-zones.ts';

/** Hours that repeat on days of the week: a window of an on-call, or quiet hours. */
export interface WeeklyPeriod {
	/** Days on which it begins. */
	readonly days: readonly Weekday[];
	readonly from: string;
	/** At or before `from`, it is on the next day. */
	readonly to: string;
}

/** Milliseconds since 1970. `to` is the first moment after it. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/**
 * The spans of a period that may hold `at`, and those that begin in the next `daysAhead` days, in their order. Of a doubled
 * time, the first begins a span and the last ends it.
 */
export function spansAround(
	{ days, from, to }: WeeklyPeriod,
	at: number,
	zone: string,
	timeZones: TimeZones,
	daysAhead = 0,
): readonly Span[] {
	const [begin, end] = [minutesOf(from), minutesOf(to)];
	const today = timeZones.wallClock(at, zone).day;
	// A period of yesterday may still hold. A clock that is set back over midnight shows the day before once more.
	return Array.from({ length: daysAhead + 4 }, (_, i) => today - 2 + i)
		.filter((day) => days.includes(weekdayOf(day)))
		.map((day) => ({
			from: timeZones.instantsOf({ day, minutes: begin }, zone).first,
			to: timeZones.instantsOf({ day: end > begin ? day : day + 1, minutes: end }, zone).last,
		}))
		.filter((span) => span.from < span.to);
}

export function holds(span: Span, at: number): boolean {
	return span.from <= at && at < span.to;
}
