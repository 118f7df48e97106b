import { minutesOf, WEEKDAYS, type Weekday } from './clock-time.ts';
import type { OnCall } from './on-call.ts';
import { dayOf, type TimeZones, weekdayOf } from './time-zones.ts';
import type { Span } from './weekly-period.ts';

/** Days of a turn. */
const TURN_DAYS = { day: 1, week: 7 } as const;

/** The local time at which turns change. */
export interface Handover {
	readonly weekday?: Weekday | undefined;
	/** Minutes since midnight. */
	readonly minutes: number;
}

/** Reads a handover such as `Mon 09:00`. */
export function handoverOf({ handover: text = 'Mon 09:00' }: Pick<OnCall, 'handover'>): Handover {
	const weekday = WEEKDAYS.find((day) => text.startsWith(day));
	return { weekday, minutes: minutesOf(text.slice(-'09:00'.length)) };
}

/** A member's time between two handovers. */
export interface Turn extends Span {
	/** The contact's id. */
	readonly member: string;
}

/**
 * The turn that holds at `at`; undefined without members. Turns change at the same time on the clock on both sides of a
 * clock change, so the turn across it is an hour shorter or longer.
 */
export function turnAt(
	onCall: Pick<OnCall, 'members' | 'every' | 'handover' | 'start' | 'time_zone'>,
	at: number,
	timeZones: TimeZones,
): Turn | undefined {
	const { members, every, start, time_zone: zone } = onCall;
	const { weekday = 'Mon', minutes } = handoverOf(onCall);
	const length = TURN_DAYS[every];
	const started = dayOf(start);
	const weekdayAtStart = WEEKDAYS.indexOf(weekdayOf(started));
	const sinceHandover = (weekdayAtStart - WEEKDAYS.indexOf(weekday) + 7) % 7;
	const firstDay = every === 'week' ? started - sinceHandover : started;
	const beginOf = (turn: number): number =>
		timeZones.instantsOf({ day: firstDay + turn * length, minutes }, zone).first;

	let turn = Math.floor((timeZones.wallClock(at, zone).day - firstDay) / length);
	while (beginOf(turn) > at) turn--;
	while (beginOf(turn + 1) <= at) turn++;
	const count = members.length;
	const member = members[((turn % count) + count) % count];
	return member === undefined ? undefined : { member, from: beginOf(turn), to: beginOf(turn + 1) };
}
