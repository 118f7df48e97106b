import type { Clock, HttpClient, HttpReply, OnCall, TransportFailure } from '@sureping/engine';
import { type CalendarEvent, readCalendar } from './read-calendar.ts';

/** Milliseconds for which a calendar is not asked for again. */
export const KEPT_MS = 5 * 60_000;
/** The same after a failure. */
const FAILURE_KEPT_MS = 60_000;
const TIMEOUT_MS = 10_000;
const MOST_BODY_BYTES = 1024 * 1024;
/** Milliseconds that a caller waits for the first reading of a calendar, while others may be read before it. */
const LONGEST_WAIT_MS = 16_000;

const DAY_MS = 24 * 3600 * 1000;
/** Events are known from a day ago to eight weeks ahead; milliseconds. */
const BEHIND_MS = DAY_MS;
const AHEAD_MS = 56 * DAY_MS;
/** An unchanged calendar is read anew after this time, as its next weeks have moved on. */
const UNCHANGED_MS = DAY_MS;

/** An on-call's calendar to read. */
export interface CalendarSource extends Pick<OnCall, 'time_zone'> {
	readonly url: string;
	/** The URL is the operator's own, from the config. */
	readonly isTrusted: boolean;
}

export interface CalendarEvents {
	/** Those that were read last; undefined before the first time. */
	readonly events: readonly CalendarEvent[] | undefined;
	/** The reason why the last reading failed, and oddities of the one before, in words. */
	readonly warnings: readonly string[];
}

/** A calendar as it is remembered. */
interface Known {
	events?: readonly CalendarEvent[];
	oddities: readonly string[];
	failure?: string | undefined;
	/** Time of the last reading that succeeded, and of the last one of all; milliseconds since 1970. */
	readAt?: number;
	triedAt: number;
	etag?: string | undefined;
	/** The reading that is under way. */
	running?: Promise<void> | undefined;
}

export interface CalendarsOptions {
	readonly http: { readonly trusted: HttpClient; readonly guarded: HttpClient };
	readonly clock: Clock;
	/** Milliseconds for one request. */
	readonly timeoutMs?: number;
}

/**
 * Reads on-calls' calendars and remembers them. Where one cannot be read, the events that were read last count. They are
 * in memory only: after a restart the calendar has to be read once.
 */
export class Calendars {
	private readonly http: CalendarsOptions['http'];
	private readonly clock: Clock;
	private readonly timeoutMs: number;
	private readonly known = new Map<string, Known>();
	/** Calendars are expanded one after the other, so that they take one thread. */
	private turn: Promise<unknown> = Promise.resolve();

	constructor({ http, clock, timeoutMs = TIMEOUT_MS }: CalendarsOptions) {
		this.http = http;
		this.timeoutMs = timeoutMs;
		this.clock = clock;
	}

	/**
	 * The events of each calendar, in the order of `sources`. One that was never read is waited for; one that was read more
	 * than five minutes ago is read again in the background. Calendars that are not among the sources are forgotten.
	 */
	async eventsOf(sources: readonly CalendarSource[]): Promise<readonly CalendarEvents[]> {
		const keys = sources.map(keyOf);
		for (const key of this.known.keys()) if (!keys.includes(key)) this.known.delete(key);
		const found = sources.map((source, i) => this.refreshed(source, keys[i] ?? ''));
		await withinLongest(
			Promise.all(found.map((one) => (one.readAt === undefined ? one.running : undefined))),
		);
		return found.map((one) => ({ events: one.events, warnings: warningsOf(one) }));
	}

	private refreshed(source: CalendarSource, key: string): Known {
		const one = this.known.get(key) ?? { oddities: [], triedAt: -Infinity };
		this.known.set(key, one);
		const keptMs = one.failure === undefined ? KEPT_MS : FAILURE_KEPT_MS;
		if (!one.running && this.clock.now() - one.triedAt >= keptMs) {
			one.triedAt = this.clock.now();
			one.running = this.read(source, one).finally(() => (one.running = undefined));
		}
		return one;
	}

	private async read(
		{ url, isTrusted, time_zone: zone }: CalendarSource,
		one: Known,
	): Promise<void> {
		const now = this.clock.now();
		const isRecent = one.readAt !== undefined && now - one.readAt < UNCHANGED_MS;
		const reply = await (isTrusted ? this.http.trusted : this.http.guarded)({
			method: 'GET',
			url,
			headers: {
				accept: 'text/calendar',
				...(isRecent && one.etag !== undefined ? { 'if-none-match': one.etag } : {}),
			},
			timeoutMs: this.timeoutMs,
			// One byte more shows that there is more.
			maxBodyBytes: MOST_BODY_BYTES + 1,
		});
		if (isRecent && 'status' in reply && reply.status === 304) {
			one.failure = undefined;
			return;
		}
		one.failure = failureOf(reply);
		if (one.failure !== undefined || !('status' in reply)) return;
		const request = { text: reply.body, zone, from: now - BEHIND_MS, to: now + AHEAD_MS };
		const reading = this.turn.then(() => readCalendar(request));
		this.turn = reading;
		const answer = await reading;
		if (!answer.ok) {
			one.failure = answer.reason;
			return;
		}
		one.events = answer.events;
		one.oddities = answer.warnings;
		one.readAt = now;
		one.etag = reply.headers['etag'];
	}
}

const keyOf = ({ url, isTrusted, time_zone: zone }: CalendarSource): string =>
	`${isTrusted ? 'trusted' : 'guarded'} ${zone} ${url}`;

function warningsOf({ failure, oddities, readAt }: Known): readonly string[] {
	if (failure === undefined) return oddities.map((oddity) => `of its calendar: ${oddity}`);
	const since =
		readAt === undefined ? '' : `; as it was read at ${new Date(readAt).toISOString()} counts`;
	return [`its calendar cannot be read: ${failure}${since}`];
}

/** The reason why an answer holds no calendar; it repeats neither the URL, which may be a secret, nor the body. */
function failureOf(reply: HttpReply | TransportFailure): string | undefined {
	if ('failure' in reply) {
		return reply.failure === 'timeout' ? `no answer within ${reply.detail}` : reply.detail;
	}
	const { status, body } = reply;
	if (status >= 300 && status < 400) {
		return `its server redirects (${status}); give the URL that it leads to`;
	}
	if (status !== 200) return `its server answered ${status}`;
	if (Buffer.byteLength(body) > MOST_BODY_BYTES) return 'it is larger than 1 MiB';
	// An answer that is cut off, or too slow, comes as far as it has arrived.
	const isWhole = /END:VCALENDAR\s{0,100}$/i.test(body.slice(-200));
	return isWhole ? undefined : 'it is not a whole calendar (iCalendar, RFC 5545)';
}

/** Waits for work, but not for ever. */
async function withinLongest(work: Promise<unknown>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise((resolve) => (timer = setTimeout(resolve, LONGEST_WAIT_MS)));
	await Promise.race([work, late]);
	clearTimeout(timer);
}
