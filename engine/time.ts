/** The second that was written last, and its text up to the milliseconds: most times are of the same one. */
let second = NaN;
let secondText = '';

/** Milliseconds since 1970 as the wire's ISO 8601 text: UTC, with milliseconds. */
export function isoTime(ms: number): string {
	const whole = Math.trunc(ms);
	const start = Math.floor(whole / 1000);
	if (start !== second) {
		secondText = new Date(start * 1000).toISOString().slice(0, -'000Z'.length);
		second = start;
	}
	return `${secondText}${String(whole - start * 1000).padStart(3, '0')}Z`;
}

/** Longest wait that an answer can ask for. It also keeps absurd values inside the range of a date. */
export const LONGEST_RETRY_AFTER_MS = 7 * 24 * 3600 * 1000;

/** Longest text that is parsed as a wait; more than any date or number needs. */
const LONGEST_WAIT_TEXT = 64;

/** RFC 9110 §5.6.7: the one form to send, and with the zone spelt "UTC" or as an offset, which services write too. */
const IMF_DATE =
	/^(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]\d{4})$/;
/** The same section's two obsolete forms, which a recipient must read. The second has no zone and means UTC. */
const RFC_850_DATE = /^[A-Za-z]{6,9}, \d{2}-[A-Za-z]{3}-\d{2} \d{2}:\d{2}:\d{2} (?:GMT|UTC)$/;
const ASCTIME_DATE = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;
const ISO_DATE =
	/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})? ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$/;

/** A date that names its zone; undefined for any other text, of which `Date.parse` would still make something. */
function parseDate(text: string): number | undefined {
	if (text.length > LONGEST_WAIT_TEXT) return undefined;
	const known = [IMF_DATE, RFC_850_DATE, ISO_DATE].some((form) => form.test(text));
	const time = known ? Date.parse(text) : Date.parse(ASCTIME_DATE.test(text) ? `${text} GMT` : '');
	return Number.isNaN(time) ? undefined : time;
}

/** Limits a wait to whole milliseconds from 0 up to the longest; undefined where it is not a number. */
export function boundedWait(ms: number): number | undefined {
	return ms >= 0 ? Math.min(Math.ceil(ms), LONGEST_RETRY_AFTER_MS) : undefined;
}

/**
 * The wait that a `Retry-After` value asks for, in milliseconds from `now`; undefined when it says nothing usable.
 * RFC 9110 §10.2.3 allows whole seconds or an HTTP date; decimals are taken too, since services send them. Of a header
 * that came several times the longest wait counts.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
	const text = value?.trim().slice(0, 4 * LONGEST_WAIT_TEXT);
	if (!text) return undefined;
	if (/^[\d., ]+$/.test(text)) {
		const seconds = text.split(',').map((part) => part.trim());
		const isNumber = seconds.every((part) => /^\d+(?:\.\d+)?$/.test(part));
		return isNumber ? boundedWait(Math.max(...seconds.map(Number)) * 1000) : undefined;
	}
	const date = parseDate(text);
	return date === undefined ? undefined : boundedWait(Math.max(0, date - now));
}

/** Milliseconds, by a unit's first letters. */
const UNITS: readonly (readonly [unit: RegExp, ms: number])[] = [
	[/^(?:ms|millis)/i, 1],
	[/^(?:s$|sec)/i, 1000],
	[/^(?:m$|min)/i, 60_000],
	[/^h/i, 3_600_000],
	[/^d/i, 24 * 3_600_000],
];

/** Characters of an answer that are searched; services put the wait near the start. */
const LONGEST_SENTENCE = 2_000;

/**
 * The wait, in milliseconds from `now`, that a sentence asks for: "try again after Mon, 20 Dec 2021 20:33:21 UTC",
 * "Try again in 92 seconds.", "retry after 35". A number without a unit is in seconds. Undefined where it asks for none.
 */
export function parseTryAgain(sentence: string, now: number): number | undefined {
	const said = sentence.slice(0, LONGEST_SENTENCE);
	const asks = said.matchAll(
		/\b(?:try again|retry|wait)(?: (?:after|in|at|for))?(?= ([^"<>\n]{1,64}))/gi,
	);
	for (const [, when = ''] of asks) {
		const wait = waitIn(when.trim(), now);
		if (wait !== undefined) return wait;
	}
	return undefined;
}

function waitIn(when: string, now: number): number | undefined {
	const date = /^([\w ,:+.-]{16,40}?(?:GMT|UTC|Z|[+-]\d{2}:?\d{2}))(?![\w:])/.exec(when)?.[1];
	const time = date === undefined ? undefined : parseDate(date);
	if (time !== undefined) return boundedWait(Math.max(0, time - now));
	const [, number, unit = 's'] =
		/^(\d{1,9}(?:\.\d{1,9})?)(?: ?([a-z]{1,12}))?(?![\w.]\w)/i.exec(when) ?? [];
	const factor = UNITS.find(([name]) => name.test(unit))?.[1];
	return number === undefined || factor === undefined
		? undefined
		: boundedWait(Number(number) * factor);
}
