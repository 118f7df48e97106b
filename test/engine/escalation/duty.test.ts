import {
	type Duty,
	dutyAt,
	type DutyChange,
	type KnownCalendar,
	nextDuty,
	type OnCall,
	onCallSchema,
	WEEKDAYS,
} from '@sureping/engine';
import fc from 'fast-check';
import { timeZones } from '../../../runner/time-zones.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

const at = (iso: string): number => Date.parse(iso);

interface Scene {
	readonly gone?: readonly string[];
	readonly calendar?: KnownCalendar;
}
const factsOf = ({ gone = [], calendar }: Scene): Parameters<typeof dutyAt>[2] => ({
	timeZones,
	hasContact: (id) => !gone.includes(id),
	calendar,
});
const onCall = (settings: object): OnCall =>
	onCallSchema.parse({ name: 'primary', members: ['anna', 'ben', 'carl'], ...settings });
const duty = (settings: object, iso: string, scene: Scene = {}): Duty =>
	dutyAt(onCall(settings), at(iso), factsOf(scene));
const next = (settings: object, iso: string, scene: Scene = {}): DutyChange | undefined =>
	nextDuty(onCall(settings), at(iso), factsOf(scene));

describe('a rotation', () => {
	it('begins with the first member, at the handover on or before its start', () => {
		// 2026-11-25 is a Wednesday.
		const weekly = { start: '2026-11-25', time_zone: 'Europe/Berlin' };
		expect(duty(weekly, '2026-11-23T08:00:00Z').who).toEqual(['anna']);
		expect(duty(weekly, '2026-11-23T07:59:59.999Z').who).toEqual(['carl']);
		expect(duty(weekly, '2026-11-30T08:00:00Z').who).toEqual(['ben']);
		expect(duty(weekly, '2026-12-14T08:00:00Z').who).toEqual(['anna']);
		const daily = { every: 'day', start: '2026-11-25', handover: '18:30' };
		expect(duty(daily, '2026-11-25T18:30:00Z').who).toEqual(['anna']);
		expect(duty(daily, '2026-11-25T18:29:00Z').who).toEqual(['carl']);
	});

	it('hands over at nine every day where nothing else is said', () => {
		expect(next({ every: 'day' }, '2026-11-30T10:00:00Z')?.at).toBe(at('2026-12-01T09:00:00Z'));
	});

	it.each([
		['Europe/Berlin', '2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z'],
		['Europe/Berlin', '2026-10-24T07:00:00Z', '2026-10-25T08:00:00Z'],
		['America/New_York', '2026-03-07T14:00:00Z', '2026-03-08T13:00:00Z'],
		['Australia/Lord_Howe', '2026-10-02T22:30:00Z', '2026-10-03T22:00:00Z'],
		['Australia/Lord_Howe', '2026-04-03T22:00:00Z', '2026-04-04T22:30:00Z'],
	])('hands over at the same time of day across a clock change in %s', (zone, before, after) => {
		const daily = { every: 'day', time_zone: zone };
		expect(next(daily, new Date(at(before) - 1).toISOString())?.at).toBe(at(before));
		expect(next(daily, before)?.at).toBe(at(after));
	});

	it('hands over at the next minute where the clock skips the handover, and once where it shows it twice', () => {
		const daily = { every: 'day', handover: '02:30', time_zone: 'Europe/Berlin' };
		expect(next(daily, '2026-03-28T12:00:00Z')?.at).toBe(at('2026-03-29T01:00:00Z'));
		expect(next(daily, '2026-10-24T12:00:00Z')?.at).toBe(at('2026-10-25T00:30:00Z'));
		expect(next(daily, '2026-10-25T00:30:00Z')?.at).toBe(at('2026-10-26T01:30:00Z'));
	});

	it('counts a leap day as any other', () => {
		const daily = { every: 'day', start: '2028-02-28', handover: '00:00' };
		const days = ['2028-02-28', '2028-02-29', '2028-03-01'];
		expect(days.map((day) => duty(daily, `${day}T12:00:00Z`).who[0])).toEqual([
			'anna',
			'ben',
			'carl',
		]);
	});

	it('always has exactly one member on call, who hands over to the next at the time of the handover', () => {
		const clock = fc
			.nat(24 * 60 - 1)
			.map((m) => [Math.floor(m / 60), m % 60].map((n) => String(n).padStart(2, '0')).join(':'));
		const rotations = fc.record({
			members: fc.integer({ min: 2, max: 5 }).map((n) => ['a', 'b', 'c', 'd', 'e'].slice(0, n)),
			every: fc.constantFrom('day', 'week'),
			weekday: fc.constantFrom(...WEEKDAYS),
			clock: fc.oneof(clock, fc.constantFrom('00:00', '01:45', '02:00', '02:30', '03:00')),
			time_zone: fc.constantFrom(...ZONES),
			start: fc.constantFrom('2024-02-29', '2026-10-25', '2030-01-01'),
		});
		// Most of them near a change of a clock.
		const changes = [
			'2026-03-08',
			'2026-03-29',
			'2026-04-05',
			'2026-10-04',
			'2026-10-25',
			'2026-11-01',
		];
		const times = fc
			.tuple(
				fc.constantFrom(...changes, '2028-02-29'),
				fc.integer({ min: -9, max: 9 }),
				fc.nat(DAY_MS),
			)
			.map(([date, days, ms]) => Date.parse(date) + days * DAY_MS + ms);
		fc.assert(
			fc.property(rotations, times, ({ weekday, clock: time, every, ...rest }, now) => {
				const handover = every === 'week' ? `${weekday} ${time}` : time;
				const rotation = onCall({ ...rest, every, handover });
				const facts = factsOf({});
				const found = dutyAt(rotation, now, facts);
				expect(found).toEqual({ who: [expect.any(String)] });
				const change = nextDuty(rotation, now, facts);
				if (!change) throw new Error('Turns end');
				const { members } = rotation;
				const following = members[(members.indexOf(found.who[0] ?? '') + 1) % members.length];
				expect(change.duty.who).toEqual([following]);
				expect(dutyAt(rotation, change.at - 1, facts)).toEqual(found);
				expect(dutyAt(rotation, change.at, facts)).toEqual(change.duty);
				const turnMs = every === 'week' ? 7 * DAY_MS : DAY_MS;
				const after = nextDuty(rotation, change.at, facts)?.at ?? 0;
				expect(Math.abs(after - change.at - turnMs)).toBeLessThanOrEqual(2 * HOUR_MS);
				// The clock shows the handover, unless it skips it.
				const shown = timeZones.wallClock(change.at, rotation.time_zone);
				const [hours = 0, minutes = 0] = time.split(':').map(Number);
				const wanted = hours * 60 + minutes;
				const isSkipped =
					timeZones.wallClock(change.at - 60_000, rotation.time_zone).minutes < wanted &&
					shown.minutes > wanted;
				expect(isSkipped ? wanted : shown.minutes).toBe(wanted);
				const shownDay = WEEKDAYS[(((shown.day + 3) % 7) + 7) % 7];
				expect(every === 'week' ? shownDay : weekday).toBe(weekday);
			}),
			{ numRuns: 400 },
		);
	});
});

describe('somebody on call', () => {
	const weekly = { start: '2026-11-30', time_zone: 'Europe/Berlin' };

	it('is there only within the window, which may cross midnight', () => {
		const night = { ...weekly, window: { days: ['Mon', 'Tue'], from: '22:00', to: '06:00' } };
		const nobody = { who: [], nobody: 'it is outside the hours of the window' };
		expect(duty(night, '2026-11-30T20:59:00Z')).toEqual(nobody);
		expect(duty(night, '2026-11-30T21:00:00Z')).toEqual({ who: ['anna'] });
		expect(duty(night, '2026-12-02T04:59:00Z')).toEqual({ who: ['anna'] });
		expect(duty(night, '2026-12-02T05:00:00Z')).toEqual(nobody);
		expect(duty(night, '2026-12-02T22:00:00Z')).toEqual(nobody);
		expect(next(night, '2026-12-02T04:00:00Z')).toEqual({
			at: at('2026-12-02T05:00:00Z'),
			duty: nobody,
		});
		expect(next(night, '2026-12-02T05:00:00Z')).toEqual({
			at: at('2026-12-07T21:00:00Z'),
			duty: { who: ['ben'] },
		});
	});

	it('is an override while it lasts, outside of the window too; of several the last listed', () => {
		const settings = {
			...weekly,
			window: { from: '09:00', to: '17:00' },
			overrides: [
				{ who: 'ben', from: '2026-12-01T00:00:00+01:00', to: '2026-12-03T00:00:00+01:00' },
				{ who: 'carl', from: '2026-12-02T00:00:00+01:00', to: '2026-12-02T12:00:00+01:00' },
			],
		};
		expect(duty(settings, '2026-12-01T02:00:00Z').who).toEqual(['ben']);
		expect(duty(settings, '2026-12-02T02:00:00Z').who).toEqual(['carl']);
		expect(duty(settings, '2026-12-02T11:00:00Z').who).toEqual(['ben']);
		expect(duty(settings, '2026-12-03T10:00:00Z').who).toEqual(['anna']);
		expect(next(settings, '2026-12-01T02:00:00Z')).toEqual({
			at: at('2026-12-01T23:00:00Z'),
			duty: { who: ['carl'] },
		});
	});

	it('is not a contact that is gone, in words', () => {
		expect(duty(weekly, '2026-12-01T00:00:00Z', { gone: ['anna'] })).toEqual({
			who: [],
			nobody: 'it is the turn of anna, who is no longer a contact',
		});
		const overrides = [{ who: 'dora', from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' }];
		expect(duty({ ...weekly, overrides }, '2026-12-01T12:00:00Z', { gone: ['dora'] })).toEqual({
			who: ['anna'],
			warning: 'an override names dora, who is no longer a contact',
		});
	});

	it('is nobody in a zone that this host does not know', () => {
		expect(duty({ time_zone: 'Mars/Base' }, '2026-12-01T00:00:00Z')).toEqual({
			who: [],
			nobody: 'this host does not know the time zone Mars/Base',
		});
		expect(next({ time_zone: 'Mars/Base' }, '2026-12-01T00:00:00Z')).toBeUndefined();
	});

	it('stays where there is one member', () => {
		expect(next({ members: ['anna'] }, '2026-12-01T00:00:00Z')).toBeUndefined();
	});
});

describe('somebody on call by a calendar', () => {
	const url = { members: [], ical_url: 'https://calendar.example.com/a.ics' };
	const shifts = [
		{ who: 'anna', from: at('2026-12-01T00:00:00Z'), to: at('2026-12-02T00:00:00Z') },
		{ who: 'ben', from: at('2026-12-01T12:00:00Z'), to: at('2026-12-01T18:00:00Z') },
	];

	it('is everybody who has a shift', () => {
		const scene = { calendar: { shifts } };
		expect(duty(url, '2026-12-01T11:59:00Z', scene)).toEqual({ who: ['anna'] });
		expect(duty(url, '2026-12-01T12:00:00Z', scene)).toEqual({ who: ['anna', 'ben'] });
		expect(next(url, '2026-12-01T12:00:00Z', scene)).toEqual({
			at: at('2026-12-01T18:00:00Z'),
			duty: { who: ['anna'] },
		});
		expect(duty(url, '2026-12-02T00:00:00Z', scene)).toEqual({
			who: [],
			nobody: 'its calendar has no event at this time',
		});
	});

	it('is nobody where it was never read, and comes with its warning', () => {
		const warning = 'its calendar cannot be read: its server answered 500';
		expect(duty(url, '2026-12-01T12:00:00Z', { calendar: { shifts: undefined, warning } })).toEqual(
			{ who: [], nobody: 'its calendar could not be read yet', warning },
		);
		expect(duty(url, '2026-12-01T00:00:00Z', { calendar: { shifts, warning } })).toEqual({
			who: ['anna'],
			warning,
		});
	});

	it('is an override all the same', () => {
		const overrides = [{ who: 'carl', from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' }];
		expect(duty({ ...url, overrides }, '2026-12-01T12:00:00Z').who).toEqual(['carl']);
	});

	it('is nobody where the only shift is of a contact that is gone', () => {
		expect(duty(url, '2026-12-01T00:00:00Z', { gone: ['anna'], calendar: { shifts } })).toEqual({
			who: [],
			nobody: 'its calendar names anna, who is no longer a contact',
		});
	});
});
