/** Milliseconds since 1970 as the wire's ISO 8601 text: UTC, with milliseconds. */
export function isoTime(ms: number): string {
	return new Date(ms).toISOString();
}

/** No answer makes us wait longer than this. It also keeps absurd values inside the range of a date. */
export const LONGEST_RETRY_AFTER_MS = 7 * 24 * 3600 * 1000;

/**
 * The wait that a `Retry-After` value asks for, in milliseconds from `now`; undefined when it says nothing usable.
 * RFC 9110 §10.2.3 allows whole seconds or an HTTP date; decimals are taken too, since services send them.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
	const text = value?.trim();
	if (!text) return undefined;
	const wait = /^\d+(\.\d+)?$/.test(text)
		? Math.ceil(Number(text) * 1000)
		: Math.max(0, Date.parse(text) - now);
	return Number.isNaN(wait) ? undefined : Math.min(wait, LONGEST_RETRY_AFTER_MS);
}
