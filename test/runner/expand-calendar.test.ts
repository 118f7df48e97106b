import { expand } from '../../runner/directory/expand-calendar.ts';
import type { CalendarAnswer } from '../../runner/directory/read-calendar.ts';
import { calendar, event } from '../support/calendar.ts';

const at = (iso: string): number => Date.parse(iso);

/** The weeks around Berlin's change of the clock on 25 October 2026, at 01:00 UTC. */
const AUTUMN = {
	zone: 'Europe/Berlin',
	from: at('2026-10-12T00:00Z'),
	to: at('2026-11-09T00:00Z'),
};

/** `anna 2026-10-12T07:00Z – 2026-10-13T07:00Z` of each event. */
function eventsOf(answer: CalendarAnswer): readonly string[] {
	if (!answer.ok) throw new Error(answer.reason);
	const short = (time: number): string => new Date(time).toISOString().replace(':00.000Z', 'Z');
	return answer.events.map(({ summary, from, to }) => `${summary} ${short(from)} – ${short(to)}`);
}
const expanded = (...parts: readonly string[]): readonly string[] =>
	eventsOf(expand({ ...AUTUMN, text: calendar(...parts) }));

/** A zone as Outlook writes it, with a name of its own. */
const OUTLOOK_ZONE = `BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`;

describe('the events of a calendar', () => {
	it.each([
		['in UTC', 'DTSTART:20261012T070000Z\nDTEND:20261013T070000Z'],
		[
			'of a named zone',
			'DTSTART;TZID=Europe/Berlin:20261012T090000\nDTEND;TZID=Europe/Berlin:20261013T090000',
		],
		['of two zones', 'DTSTART;TZID=America/New_York:20261012T030000\nDTEND:20261013T070000Z'],
		['of no zone', 'DTSTART:20261012T090000\nDTEND:20261013T090000'],
		['with a duration', 'DTSTART:20261012T070000Z\nDURATION:P1D'],
	])('have the times %s', (_, times) => {
		expect(expanded(event('anna', times))).toEqual(['anna 2026-10-12T07:00Z – 2026-10-13T07:00Z']);
	});

	it('take whole days from midnight to midnight of the zone, across a clock change too', () => {
		expect(
			expanded(
				event('anna', 'DTSTART;VALUE=DATE:20261025'),
				event('ben', 'DTSTART;VALUE=DATE:20261026\nDTEND;VALUE=DATE:20261028'),
			),
		).toEqual([
			'anna 2026-10-24T22:00Z – 2026-10-25T23:00Z',
			'ben 2026-10-25T23:00Z – 2026-10-27T23:00Z',
		]);
	});

	it('use a zone that the calendar defines itself', () => {
		const zone = 'TZID=W. Europe Standard Time';
		expect(
			expanded(
				OUTLOOK_ZONE,
				event(
					'anna',
					`DTSTART;${zone}:20261024T090000\nDTEND;${zone}:20261024T170000\nRRULE:FREQ=DAILY;COUNT=2`,
				),
			),
		).toEqual([
			'anna 2026-10-24T07:00Z – 2026-10-24T15:00Z',
			'anna 2026-10-25T08:00Z – 2026-10-25T16:00Z',
		]);
	});

	it('count as in the zone of the on-call where theirs is unknown, and say so', () => {
		const zone = 'TZID=Middle Earth';
		const text = calendar(
			event('anna', `DTSTART;${zone}:20261012T090000\nDTEND;${zone}:20261012T170000`),
		);
		const answer = expand({ ...AUTUMN, text });
		expect(eventsOf(answer)).toEqual(['anna 2026-10-12T07:00Z – 2026-10-12T15:00Z']);
		expect(answer).toMatchObject({
			warnings: [
				'it names the time zone Middle Earth, which is unknown; times in it count as in Europe/Berlin',
			],
		});
	});

	it('repeat by their rule on the local clock, without the days that EXDATE takes out', () => {
		const zone = 'TZID=Europe/Berlin';
		expect(
			expanded(
				event(
					'anna',
					`DTSTART;${zone}:20200106T220000\nDTEND;${zone}:20200107T070000\nRRULE:FREQ=DAILY;BYDAY=SA,SU;UNTIL=20261101T210000Z\nEXDATE;${zone}:20261017T220000\nEXDATE:20261018T200000Z`,
				),
			),
		).toEqual([
			'anna 2026-10-11T20:00Z – 2026-10-12T05:00Z',
			'anna 2026-10-24T20:00Z – 2026-10-25T06:00Z',
			'anna 2026-10-25T21:00Z – 2026-10-26T06:00Z',
			'anna 2026-10-31T21:00Z – 2026-11-01T06:00Z',
			'anna 2026-11-01T21:00Z – 2026-11-02T06:00Z',
		]);
	});

	it('keep exact hours of a duration across a clock change', () => {
		expect(
			expanded(event('anna', 'DTSTART;TZID=Europe/Berlin:20261024T220000\nDURATION:PT9H')),
		).toEqual(['anna 2026-10-24T20:00Z – 2026-10-25T05:00Z']);
	});

	it('give a time that comes twice its first pass as a beginning and its second as an end', () => {
		const zone = 'TZID=Europe/Berlin';
		expect(
			expanded(event('anna', `DTSTART;${zone}:20261025T023000\nDTEND;${zone}:20261025T024500`)),
		).toEqual(['anna 2026-10-25T00:30Z – 2026-10-25T01:45Z']);
	});

	it('are replaced by their exceptions: swapped, moved, or called off', () => {
		const weekly = event(
			'anna',
			'UID:turns\nDTSTART:20261005T070000Z\nDTEND:20261006T070000Z\nRRULE:FREQ=WEEKLY',
		);
		const swapped = event(
			'ben',
			'UID:turns\nRECURRENCE-ID:20261012T070000Z\nDTSTART:20261012T070000Z\nDTEND:20261013T070000Z',
		);
		const moved = event(
			'anna',
			'UID:turns\nRECURRENCE-ID:20261019T070000Z\nDTSTART:20261020T070000Z\nDTEND:20261021T070000Z',
		);
		const cancelled = event(
			'anna',
			'UID:turns\nRECURRENCE-ID:20261026T070000Z\nDTSTART:20261026T070000Z\nDTEND:20261027T070000Z\nSTATUS:CANCELLED',
		);
		const early = event(
			'carl',
			'UID:turns\nRECURRENCE-ID:20261130T070000Z\nDTSTART:20261104T070000Z\nDTEND:20261105T070000Z',
		);
		// One of another series, at the same time.
		const other = event(
			'dora',
			'UID:other\nRECURRENCE-ID:20261102T070000Z\nDTSTART:20261102T170000Z\nDTEND:20261102T180000Z',
		);
		expect(expanded(weekly, swapped, moved, cancelled, early, other)).toEqual([
			'ben 2026-10-12T07:00Z – 2026-10-13T07:00Z',
			'anna 2026-10-20T07:00Z – 2026-10-21T07:00Z',
			'anna 2026-11-02T07:00Z – 2026-11-03T07:00Z',
			'dora 2026-11-02T17:00Z – 2026-11-02T18:00Z',
			'carl 2026-11-04T07:00Z – 2026-11-05T07:00Z',
		]);
	});

	it('change from an exception on, where it says so', () => {
		expect(
			expanded(
				event(
					'anna',
					'UID:turns\nDTSTART:20261005T070000Z\nDTEND:20261005T150000Z\nRRULE:FREQ=WEEKLY;COUNT=4',
				),
				event(
					'ben',
					'UID:turns\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261019T070000Z\nDTSTART:20261019T080000Z\nDTEND:20261019T150000Z',
				),
			),
		).toEqual([
			'anna 2026-10-12T07:00Z – 2026-10-12T15:00Z',
			'ben 2026-10-19T08:00Z – 2026-10-19T15:00Z',
			'ben 2026-10-26T08:00Z – 2026-10-26T15:00Z',
		]);
	});

	it('include one that began long ago and is still under way, and none that is over or takes no time', () => {
		expect(
			expanded(
				event('anna', 'DTSTART:20260101T000000Z\nDTEND:20270101T000000Z'),
				event('ben', 'DTSTART:20260101T000000Z\nDTEND:20261012T000000Z'),
				event('carl', 'DTSTART:20261013T000000Z'),
				event('dora', 'DTSTART:20261109T000000Z\nDTEND:20261110T000000Z'),
			),
		).toEqual(['anna 2026-01-01T00:00Z – 2027-01-01T00:00Z']);
	});

	it('come from all calendars of a text', () => {
		const text = [
			calendar(event('ben', 'DTSTART:20261014T000000Z\nDTEND:20261015T000000Z')),
			calendar(event('anna', 'DTSTART:20261013T000000Z\nDTEND:20261014T000000Z')),
		].join('\r\n');
		expect(eventsOf(expand({ ...AUTUMN, text })).map((one) => one.split(' ')[0])).toEqual([
			'anna',
			'ben',
		]);
	});

	it.each([
		[
			'it has more than 2000 events in the next weeks',
			'DTSTART:20261012T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY',
		],
		[
			'an event repeats more than 100000 times',
			'DTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY',
		],
	])('are not read where %s', (reason, times) => {
		const text = calendar(event('anna', times));
		expect(expand({ ...AUTUMN, text })).toEqual({ ok: false, reason });
	});
});
