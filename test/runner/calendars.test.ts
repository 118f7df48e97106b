import { type CalendarEvents, Calendars, KEPT_MS } from '../../runner/directory/calendars.ts';
import { createHttpTransport, type HttpTransport } from '../../runner/transport/http/index.ts';
import { UrlGuard } from '../../runner/transport/url-guard.ts';
import { type Behaviour, startHostileServer } from '../fakes/hostile-server.ts';
import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';
import { calendar, event } from '../support/calendar.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';

const T0 = Date.parse('2026-10-12T08:00Z');
const TODAY = calendar(event('anna', 'DTSTART:20261012T070000Z\nDTEND:20261013T070000Z'));
const ANNA = [
	{ summary: 'anna', from: Date.parse('2026-10-12T07:00Z'), to: Date.parse('2026-10-13T07:00Z') },
];

let http: HttpTransport;
let server: RecordingServer;
let clock: VirtualClock;
let body: string;

beforeEach(async () => {
	const security = { allow_http: false, allow_hosts: [], allow_networks: [] };
	http = createHttpTransport(new UrlGuard(security));
	clock = new VirtualClock(T0);
	body = TODAY;
	server = await startRecordingServer(() => ({ status: 200, body, headers: { etag: '"1"' } }));
});
afterEach(async () => {
	await server.close();
	await http.close();
});

const open = (timeoutMs = 5_000): Calendars => new Calendars({ http, clock, timeoutMs });
const read = async (
	calendars: Calendars,
	url = server.url,
	isTrusted = true,
): Promise<CalendarEvents> => {
	const [found] = await calendars.eventsOf([{ url, isTrusted, time_zone: 'UTC' }]);
	if (!found) throw new Error('No answer');
	return found;
};
const warningOf = ({ warnings }: CalendarEvents): string => warnings.join('; ');

/** Reads until the answer is as expected, as a calendar is read again in the background. */
const readUntil = (
	calendars: Calendars,
	isExpected: (found: CalendarEvents) => boolean,
): Promise<unknown> =>
	waitUntil('the calendar is as expected', async () => isExpected(await read(calendars)));

describe('a calendar of an on-call', () => {
	it('is read, and not asked for again for five minutes', async () => {
		const calendars = open();
		expect(await read(calendars)).toEqual({ events: ANNA, warnings: [] });
		clock.advance(KEPT_MS - 1);
		await read(calendars);
		expect(server.requests).toHaveLength(1);
		clock.advance(1);
		await read(calendars);
		await server.received(2);
		expect(server.requests[1]?.headers['if-none-match']).toBe('"1"');
	});

	it('that has not changed (304) counts on', async () => {
		const calendars = open();
		await read(calendars);
		server.answer({ status: 304 });
		clock.advance(KEPT_MS);
		await read(calendars);
		await server.received(2);
		expect(await read(calendars)).toEqual({ events: ANNA, warnings: [] });
	});

	it('that has changed counts as it is now', async () => {
		const calendars = open();
		await read(calendars);
		body = calendar();
		clock.advance(KEPT_MS);
		await readUntil(calendars, ({ events }) => events?.length === 0);
	});

	it('is read once for on-calls that share it', async () => {
		const source = { url: server.url, isTrusted: true, time_zone: 'UTC' };
		const found = await open().eventsOf([source, source]);
		expect(found.map(({ events }) => events)).toEqual([ANNA, ANNA]);
		expect(server.requests).toHaveLength(1);
	});

	it('that fails later keeps the events that were read last, says so, and is tried again after a minute', async () => {
		const calendars = open();
		await read(calendars);
		server.answer({ status: 500 });
		clock.advance(KEPT_MS);
		await readUntil(calendars, ({ warnings }) => warnings.length > 0);
		expect(await read(calendars)).toEqual({
			events: ANNA,
			warnings: [
				'its calendar cannot be read: its server answered 500; as it was read at 2026-10-12T08:00:00.000Z counts',
			],
		});
		clock.advance(60_000);
		await readUntil(calendars, ({ warnings }) => warnings.length === 0);
		expect(server.requests).toHaveLength(3);
	});

	it.each([
		[{ status: 500 }, 'its server answered 500'],
		[{ status: 404 }, 'its server answered 404'],
		[
			{ status: 302, headers: { location: 'http://127.0.0.1:1/secret' } },
			'its server redirects (302); give the URL that it leads to',
		],
		[{ status: 304 }, 'its server redirects (304); give the URL that it leads to'],
		[{ status: 200, body: '<html></html>' }, 'it is not a whole calendar (iCalendar, RFC 5545)'],
		[
			{ status: 200, body: TODAY.slice(0, -10) },
			'it is not a whole calendar (iCalendar, RFC 5545)',
		],
		[
			{ status: 200, body: 'BEGIN:VCALENDAR\r\nnonsense\r\nEND:VCALENDAR' },
			'it is not a valid calendar (iCalendar, RFC 5545)',
		],
		[{ status: 200, body: 'x'.repeat(1024 * 1024) + TODAY }, 'it is larger than 1 MiB'],
	])('answered by %j is told as a warning', async (answer, reason) => {
		server.answer(answer);
		expect(await read(open())).toEqual({
			events: undefined,
			warnings: [`its calendar cannot be read: ${reason}`],
		});
	});

	it.each<[Behaviour, string]>([
		['silence', 'no answer within 0.2 seconds'],
		['drip', 'it is not a whole calendar (iCalendar, RFC 5545)'],
		['flood', 'it is larger than 1 MiB'],
	])('of a server of the kind "%s" ends in bounded time and memory', async (behaviour, reason) => {
		const hostile = await startHostileServer(behaviour);
		try {
			const found = await read(open(200), hostile.url);
			expect(warningOf(found)).toBe(`its calendar cannot be read: ${reason}`);
			expect(hostile.sent()).toBeLessThan(32 * 1024 * 1024);
		} finally {
			await hostile.close();
		}
	});

	it('of almost a megabyte is read', async () => {
		body = calendar(
			...Array.from({ length: 1_900 }, () =>
				event('anna', `DTSTART:20261012T070000Z\nDURATION:P1D\nDESCRIPTION:${'x'.repeat(430)}`),
			),
		);
		expect(body.length).toBeGreaterThan(1_000_000);
		expect((await read(open())).events).toHaveLength(1_900);
	});

	it('that an API caller named must not lead into this network', async () => {
		const found = await read(open(), server.url, false);
		expect(found.events).toBeUndefined();
		expect(warningOf(found)).toContain('leads to a loopback address');
		expect(server.requests).toEqual([]);
	});
});
