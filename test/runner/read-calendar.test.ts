import { performance } from 'node:perf_hooks';
import { readCalendar } from '../../runner/directory/read-calendar.ts';
import { calendar, event } from '../support/calendar.ts';

const WEEKS = {
	zone: 'UTC',
	from: Date.parse('2026-10-12T00:00Z'),
	to: Date.parse('2026-11-09T00:00Z'),
};

describe('a calendar', () => {
	it('is read on a thread', async () => {
		const text = calendar(event('anna', 'DTSTART:20261012T070000Z\nDTEND:20261013T070000Z'));
		expect(await readCalendar({ ...WEEKS, text })).toEqual({
			ok: true,
			events: [
				{
					summary: 'anna',
					from: Date.parse('2026-10-12T07:00Z'),
					to: Date.parse('2026-10-13T07:00Z'),
				},
			],
			warnings: [],
		});
	});

	it.each([
		['no calendar', '<html>a page to log in</html>'],
		['an address book', 'BEGIN:VCARD\r\nEND:VCARD'],
		[
			'a calendar that is cut off',
			calendar(event('anna', 'DTSTART:20261012T070000Z')).slice(0, 90),
		],
		['an event without a beginning', calendar(event('anna', 'DTEND:20261012T070000Z'))],
		['a date that is none', calendar(event('anna', 'DTSTART:tomorrow'))],
	])('that is %s is refused in words that repeat nothing of it', async (_, text) => {
		expect(await readCalendar({ ...WEEKS, text })).toEqual({
			ok: false,
			reason: 'it is not a valid calendar (iCalendar, RFC 5545)',
		});
	});

	it('with a rule that takes for ever is given up, and other work goes on meanwhile', async () => {
		// The 30th of February never comes, and each second of each year is looked at.
		const times = 'DTSTART:20261012T070000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30';
		let turns = 0;
		const counter = setInterval(() => turns++, 5);
		const begun = performance.now();
		const answer = await readCalendar({ ...WEEKS, text: calendar(event('anna', times)) }, 500);
		clearInterval(counter);
		expect(answer).toEqual({ ok: false, reason: 'reading it takes longer than 0.5 seconds' });
		expect(performance.now() - begun).toBeGreaterThan(490);
		expect(turns).toBeGreaterThan(20);
	});

	it('that fills the memory of its thread harms nobody else', async () => {
		const days = Array.from({ length: 200_000 }, () => '20261012T070000Z').join(',');
		const text = calendar(event('anna', `DTSTART:20261012T070000Z\nRDATE:${days}`));
		const answer = await readCalendar({ ...WEEKS, text }, 60_000);
		expect(answer.ok).toBe(false);
	});
});
