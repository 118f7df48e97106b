import fc from 'fast-check';
import { timeZones } from '../../runner/time-zones.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

const ZONES = [
	'UTC',
	'Europe/Berlin',
	'America/New_York',
	'America/St_Johns',
	'Australia/Lord_Howe',
	'Asia/Kathmandu',
	'Africa/Casablanca',
	'Pacific/Apia',
];
const dayOf = (date: string): number => Date.parse(date) / DAY_MS;
const at = (iso: string): number => Date.parse(iso);

/** All minutes of two days whose local time is asked for, by the wall clock alone. */
function minutesThatShow(day: number, minutes: number, zone: string): readonly number[] {
	const middle = day * DAY_MS + minutes * MINUTE_MS;
	const around = Array.from(
		{ length: 2 * DAY_MINUTES },
		(_, i) => middle + (i - DAY_MINUTES) * MINUTE_MS,
	);
	return around.filter((instant) => {
		const shown = timeZones.wallClock(instant, zone);
		return shown.day === day && shown.minutes === minutes;
	});
}

describe('time zones', () => {
	it('are known by their IANA names, not by offsets or abbreviations of this machine', () => {
		const names = ['Europe/Berlin', 'UTC', 'Mars/Base', '+01:00', 'local', 'system', ''];
		expect(names.filter((name) => timeZones.isKnown(name))).toEqual(['Europe/Berlin', 'UTC']);
	});

	it.each([
		['Europe/Berlin', '2026-03-29T00:59:59.999Z', '2026-03-29', 119],
		['Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-29', 180],
		['America/New_York', '2026-01-01T04:59:00Z', '2025-12-31', 1439],
		['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04', 150],
		['Asia/Kathmandu', '2028-02-28T18:15:00Z', '2028-02-29', 0],
	])('show in %s at %s the date %s and minute %d', (zone, instant, date, minutes) => {
		expect(timeZones.wallClock(at(instant), zone)).toEqual({ day: dayOf(date), minutes });
	});

	it.each([
		['Europe/Berlin', '2026-03-29', 150, '2026-03-29T01:00:00Z'],
		['America/New_York', '2026-03-08', 179, '2026-03-08T07:00:00Z'],
		['Australia/Lord_Howe', '2026-10-04', 120, '2026-10-03T15:30:00Z'],
		// Samoa left out the whole of this day.
		['Pacific/Apia', '2011-12-30', 600, '2011-12-30T10:00:00Z'],
	])('take a time that %s skips on %s for the next minute', (zone, date, minutes, instant) => {
		const found = timeZones.instantsOf({ day: dayOf(date), minutes }, zone);
		expect(found).toEqual({ first: at(instant), last: at(instant) });
	});

	it.each([
		['Europe/Berlin', '2026-10-25', 150, '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
		['America/New_York', '2026-11-01', 60, '2026-11-01T05:00:00Z', '2026-11-01T06:00:00Z'],
		['Australia/Lord_Howe', '2026-04-05', 119, '2026-04-04T14:59:00Z', '2026-04-04T15:29:00Z'],
	])('show a time twice where %s sets its clock back on %s', (zone, date, minutes, first, last) => {
		const found = timeZones.instantsOf({ day: dayOf(date), minutes }, zone);
		expect(found).toEqual({ first: at(first), last: at(last) });
	});

	it('take 24:00 for the midnight that begins the next day', () => {
		const zone = 'America/New_York';
		const day = dayOf('2026-11-01');
		expect(timeZones.instantsOf({ day, minutes: DAY_MINUTES }, zone)).toEqual(
			timeZones.instantsOf({ day: day + 1, minutes: 0 }, zone),
		);
	});

	it('find for any local time the first and the last minute that shows it, or the first after a gap', () => {
		// The days around each change of the clock in 2026, and any others.
		const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25'];
		const days = fc.oneof(
			fc.integer({ min: dayOf('1990-01-01'), max: dayOf('2040-01-01') }),
			fc.constantFrom(...changes, '2026-11-01', '2028-02-29', '2011-12-30').map(dayOf),
		);
		const minutes = fc.oneof(fc.nat(DAY_MINUTES - 1), fc.integer({ min: 50, max: 200 }));
		fc.assert(
			fc.property(fc.constantFrom(...ZONES), days, minutes, (zone, day, minute) => {
				const { first, last } = timeZones.instantsOf({ day, minutes: minute }, zone);
				const showing = minutesThatShow(day, minute, zone);
				if (showing.length > 0) {
					expect([first, last]).toEqual([showing[0], showing.at(-1)]);
					return;
				}
				expect(last).toBe(first);
				const shownAt = (instant: number): number => {
					const shown = timeZones.wallClock(instant, zone);
					return shown.day * DAY_MINUTES + shown.minutes;
				};
				const wanted = day * DAY_MINUTES + minute;
				expect(shownAt(first - 1)).toBeLessThan(wanted);
				expect(shownAt(first)).toBeGreaterThan(wanted);
			}),
			{ numRuns: 150 },
		);
	});
});
