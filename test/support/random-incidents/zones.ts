import type { TimeZones } from '@sureping/engine';
import { timeZones } from '../../../runner/time-zones.ts';

const found = new Map<string, ReturnType<TimeZones['instantsOf']>>();

/** The runner's time zones, which remember the few times that the courses ask for again and again. */
export const zones: TimeZones = {
	...timeZones,
	instantsOf(time, zone) {
		const key = `${time.day} ${time.minutes} ${zone}`;
		const known = found.get(key) ?? timeZones.instantsOf(time, zone);
		found.set(key, known);
		return known;
	},
};
