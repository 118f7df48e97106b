import { contactSchema, onCallSchema, type TimeZones } from '@sureping/engine';
import { snapshotOf } from '../../runner/directory/snapshot.ts';
import { timeZones } from '../../runner/time-zones.ts';

const MONDAY = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;
const addresses = [{ channel: 'console', address: 'x' }];
const contacts = ['anna', 'ben'].map((id) => contactSchema.parse({ id, name: id, addresses }));

/** Asks who is next, and how often the clock of a zone was asked for that. */
function nextOf(settings: object): { next: string | undefined; asked: number } {
	let asked = 0;
	const counted: TimeZones = {
		...timeZones,
		wallClock: (...args) => (asked++, timeZones.wallClock(...args)),
		instantsOf: (...args) => (asked++, timeZones.instantsOf(...args)),
	};
	const onCall = onCallSchema.parse({ name: 'ops', ...settings });
	const directory = snapshotOf({ contacts, onCalls: [onCall], policies: [] }, counted, new Map());
	const next = directory.nextDuty('ops', MONDAY);
	return { next: next && `${new Date(next.at).toISOString()} ${next.duty.who.join()}`, asked };
}

const everyDay = { every: 'day', handover: '09:00', start: '2026-01-05' };
const allDay = { from: '00:00', to: '24:00' };

it('the next on call is found behind turns and overrides of the one who is', () => {
	expect(nextOf({ ...everyDay, members: ['anna', 'anna', 'anna', 'ben'] }).next).toBe(
		'2026-01-08T09:00:00.000Z ben',
	);
	const overrides = [
		{ who: 'anna', from: '2026-01-06T08:00:00Z', to: '2026-01-06T12:00:00Z' },
		{ who: 'ben', from: '2026-01-06T20:00:00Z', to: '2026-01-06T21:00:00Z' },
	];
	expect(nextOf({ members: ['anna'], window: allDay, overrides }).next).toBe(
		'2026-01-06T20:00:00.000Z ben',
	);
});

it('the search ends where nothing changes, however many turns, days and overrides there are', () => {
	const members = Array.from({ length: 100 }, () => 'anna');
	const overrides = Array.from({ length: 1000 }, (_, i) => ({
		who: 'anna',
		from: new Date(MONDAY + i * MINUTE).toISOString(),
		to: new Date(MONDAY + (i + 1) * MINUTE).toISOString(),
	}));
	for (const more of [{}, { window: allDay }, { overrides }, { window: allDay, overrides }]) {
		const { next, asked } = nextOf({ ...everyDay, members, ...more });
		expect(next).toBeUndefined();
		// Each takes some ten microseconds.
		expect(asked).toBeLessThan(1_500);
	}
});
