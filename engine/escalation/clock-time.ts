import { z } from 'zod/v4';

/** Days of a week, in the order of ISO 8601: Monday is the first. */
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A time on a wall clock: `09:00`. `24:00` is the end of a day. */
export const clockTimeSchema = z
	.string()
	.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day such as "09:00"');

/** Minutes since the midnight that begins the day. */
export function minutesOf(clockTime: string): number {
	const [hours = '0', minutes = '0'] = clockTime.split(':');
	return Number(hours) * 60 + Number(minutes);
}
