import { type Contact, contactSchema, quietUntil } from '@sureping/engine';
import fc from 'fast-check';
import { timeZones } from '../../../runner/time-zones.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

const contact = (quietHours: readonly object[], zone = 'Europe/Berlin'): Contact =>
	contactSchema.parse({
		id: 'anna',
		name: 'Anna',
		addresses: [{ channel: 'console', address: 'anna' }],
		time_zone: zone,
		quiet_hours: quietHours,
	});
const until = (quietHours: readonly object[], iso: string): string | undefined => {
	const end = quietUntil(contact(quietHours), Date.parse(iso), timeZones);
	return typeof end === 'number' ? new Date(end).toISOString().replace('.000', '') : end;
};

const NIGHT = { from: '22:00', to: '07:00' };

describe('quiet hours', () => {
	it('hold over midnight until their end, and not before or after', () => {
		expect(until([NIGHT], '2026-12-01T20:59:59Z')).toBeUndefined();
		expect(until([NIGHT], '2026-12-01T21:00:00Z')).toBe('2026-12-02T06:00:00Z');
		expect(until([NIGHT], '2026-12-02T05:59:59Z')).toBe('2026-12-02T06:00:00Z');
		expect(until([NIGHT], '2026-12-02T06:00:00Z')).toBeUndefined();
	});

	it('begin on their days and may end on another', () => {
		const friday = [{ ...NIGHT, days: ['Fri'] }];
		// 2026-12-04 is a Friday.
		expect(until(friday, '2026-12-05T02:00:00Z')).toBe('2026-12-05T06:00:00Z');
		expect(until(friday, '2026-12-05T22:00:00Z')).toBeUndefined();
	});

	it('that adjoin or overlap hold until the end of the last', () => {
		const weekend = [
			{ days: ['Sat', 'Sun'], from: '00:00', to: '24:00' },
			{ days: ['Fri'], from: '20:00', to: '24:00' },
			{ days: ['Sun'], from: '23:00', to: '08:00' },
		];
		expect(until(weekend, '2026-12-04T20:00:00Z')).toBe('2026-12-07T07:00:00Z');
	});

	it('end on the local clock across both changes of it', () => {
		expect(until([NIGHT], '2026-03-28T23:00:00Z')).toBe('2026-03-29T05:00:00Z');
		expect(until([NIGHT], '2026-10-24T23:00:00Z')).toBe('2026-10-25T06:00:00Z');
	});

	it('take the first pass of a doubled time for their beginning and the second for their end', () => {
		const short = [{ from: '02:30', to: '02:45' }];
		expect(until(short, '2026-10-25T00:29:59Z')).toBeUndefined();
		expect(until(short, '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:45:00Z');
	});

	it('count a time that the clock skips as the next minute; within it alone they are empty', () => {
		expect(until([{ from: '01:00', to: '02:30' }], '2026-03-29T00:30:00Z')).toBe(
			'2026-03-29T01:00:00Z',
		);
		expect(until([{ from: '02:15', to: '02:45' }], '2026-03-29T01:00:00Z')).toBeUndefined();
	});

	it('skip where they say so; of several that hold, the last listed decides', () => {
		const skip = { ...NIGHT, do: 'skip' };
		expect(until([skip], '2026-12-01T23:00:00Z')).toBe('skip');
		expect(until([NIGHT, skip], '2026-12-01T23:00:00Z')).toBe('skip');
		expect(until([skip, NIGHT], '2026-12-01T23:00:00Z')).toBe('2026-12-02T06:00:00Z');
	});

	it('do not skip what waits already', () => {
		const evening = [
			{ from: '20:00', to: '22:00' },
			{ ...NIGHT, do: 'skip' },
		];
		expect(until(evening, '2026-12-01T20:00:00Z')).toBe('2026-12-02T06:00:00Z');
	});

	it('that would leave no time at all, or are in an unknown zone, hold nothing back', () => {
		expect(until([{ from: '00:00', to: '24:00' }], '2026-12-01T20:00:00Z')).toBeUndefined();
		const nowhere = contact([NIGHT], 'Mars/Base');
		expect(quietUntil(nowhere, Date.parse('2026-12-01T23:00:00Z'), timeZones)).toBeUndefined();
	});

	it('hold at each moment that the clock says, and end at one that they do not hold', () => {
		const clock = fc
			.nat(24 * 60 - 1)
			.map((m) => [Math.floor(m / 60), m % 60].map((n) => String(n).padStart(2, '0')).join(':'));
		const days = [
			'2026-03-08',
			'2026-03-29',
			'2026-04-05',
			'2026-10-04',
			'2026-10-25',
			'2026-11-01',
		];
		const times = fc
			.tuple(fc.constantFrom(...days, '2028-02-29'), fc.integer({ min: -1440, max: 2880 }))
			.map(([date, minutes]) => Date.parse(date) + minutes * MINUTE_MS);
		fc.assert(
			fc.property(fc.constantFrom(...ZONES), clock, clock, times, (zone, from, to, now) => {
				fc.pre(from !== to);
				const anna = contact([{ from, to }], zone);
				const end = quietUntil(anna, now, timeZones);
				const minutesOf = (text: string): number =>
					Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
				const { minutes } = timeZones.wallClock(now, zone);
				const [begin, finish] = [minutesOf(from), minutesOf(to)];
				const isWithin =
					begin < finish
						? begin <= minutes && minutes < finish
						: begin <= minutes || minutes < finish;
				// Between the two passes of a doubled time, quiet hours that began in the first go on.
				const isDoubled = [-60, -30, 0, 30, 60].some((shift) => {
					const shown = timeZones.wallClock(now + shift * MINUTE_MS, zone);
					const { first, last } = timeZones.instantsOf(shown, zone);
					return first !== last;
				});
				if (!isDoubled) expect(end !== undefined).toBe(isWithin);
				if (end === undefined) return;
				expect(end).toBeGreaterThan(now);
				if (end === 'skip') throw new Error('These hold');
				// Across a skipped hour the hours of two days adjoin.
				expect(end - now).toBeLessThan(2 * DAY_MS + 60 * MINUTE_MS);
				expect(quietUntil(anna, end, timeZones)).toBeUndefined();
				expect(quietUntil(anna, end - 1, timeZones)).toBe(end);
			}),
			{ numRuns: 500 },
		);
	});
});
