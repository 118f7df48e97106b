import type { TimeZones } from '@sureping/engine';
import { DateTime, IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** Longer than any gap: Samoa once left out a day. */
const AROUND_MS = 2 * DAY_MS;

/** Names that were found to be known, as finding out takes longer than all else here. */
const known = new Set<string>();

/** Time zones of the data that comes with Node.js, the IANA database. */
export const timeZones: TimeZones = {
	isKnown(zone) {
		if (known.has(zone)) return true;
		// Node.js takes offsets such as "+01:00" for zones as well.
		const isKnown = /^[A-Za-z]/.test(zone) && IANAZone.isValidZone(zone);
		if (isKnown) known.add(zone);
		return isKnown;
	},
	wallClock(instant, zone) {
		const shown = instant + offsetMs(instant, IANAZone.create(zone));
		const day = Math.floor(shown / DAY_MS);
		return { day, minutes: Math.floor((shown - day * DAY_MS) / MINUTE_MS) };
	},
	instantsOf(time, name) {
		const zone = IANAZone.create(name);
		const shown = time.day * DAY_MS + time.minutes * MINUTE_MS;
		const { year, month, day, hour, minute } = DateTime.fromMillis(shown, { zone: 'utc' });
		const found = DateTime.fromObject({ year, month, day, hour, minute }, { zone });
		if (found.toMillis() + found.offset * MINUTE_MS !== shown) {
			const next = endOfGap(shown, zone);
			return { first: next, last: next };
		}
		const instants = found.getPossibleOffsets().map((one) => one.toMillis());
		return { first: Math.min(...instants), last: Math.max(...instants) };
	},
};

const offsetMs = (instant: number, zone: IANAZone): number => zone.offset(instant) * MINUTE_MS;

/** The instant at which the clock leaps over a time that it does not show: the first minute after the gap. */
function endOfGap(shown: number, zone: IANAZone): number {
	const isBefore = (instant: number): boolean => instant + offsetMs(instant, zone) < shown;
	let [before, after] = [shown - AROUND_MS, shown + AROUND_MS];
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (isBefore(middle)) before = middle;
		else after = middle;
	}
	return after;
}
