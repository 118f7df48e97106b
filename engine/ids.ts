import { randomBytes } from 'node:crypto';

/** The kinds of ids. The prefix tells the kind of a pasted id. */
export type IdPrefix = 'msg' | 'dlv' | 'evt' | 'ep' | 'whd' | 'rpl' | 'rpt' | 'ltr' | 'inc' | 'ct';

/** Makes one new id. A port, so that tests can count instead of drawing random bytes. */
export type NewId = (prefix: IdPrefix) => string;

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Ids that sort by the time they were made: 48 bits of milliseconds, then 80 random bits, in Crockford's
 * base 32 (the layout of a ULID, https://github.com/ulid/spec), behind a prefix.
 */
export function createIds(now: () => number): NewId {
	return (prefix) => `${prefix}_${encodeTime(now())}${encodeRandom()}`;
}

/** Ids made before this time sort before it, those made later after it. */
export function firstIdAt(prefix: IdPrefix, ms: number): string {
	return `${prefix}_${encodeTime(ms)}`;
}

/** Creation time of an id, in milliseconds since 1970; undefined for text that is no id. */
export function idTime(id: string): number | undefined {
	const [, digits] = /^[a-z]+_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16}$/.exec(id) ?? [];
	if (digits === undefined) return undefined;
	let ms = 0;
	for (const digit of digits) ms = ms * 32 + CROCKFORD.indexOf(digit);
	return ms;
}

/** The 16 bytes of an id without its prefix; undefined for text that is no id. */
export function idToBytes(id: string): Uint8Array | undefined {
	if (idTime(id) === undefined) return undefined;
	let value = 0n;
	for (const digit of id.slice(id.indexOf('_') + 1)) {
		value = value * 32n + BigInt(CROCKFORD.indexOf(digit));
	}
	const digits = value.toString(16).padStart(32, '0');
	// The first of 26 digits has two bits more than 128 have room for; no time needs them before the year 10889.
	return digits.length > 32 ? undefined : Buffer.from(digits, 'hex');
}

/** The id that has these 16 bytes. */
export function idFromBytes(prefix: IdPrefix, bytes: Uint8Array): string {
	let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
	let digits = '';
	for (let i = 0; i < 26; i++) {
		digits = CROCKFORD.charAt(Number(value % 32n)) + digits;
		value /= 32n;
	}
	return `${prefix}_${digits}`;
}

/** The time that was encoded last: a step makes several ids, and several steps take place in a millisecond. */
let latest = { ms: NaN, text: '' };

function encodeTime(ms: number): string {
	if (ms !== latest.ms) latest = { ms, text: digitsOf(ms) };
	return latest.text;
}

function digitsOf(ms: number): string {
	let rest = Math.max(0, Math.floor(ms));
	let text = '';
	for (let i = 0; i < 10; i++) {
		text = CROCKFORD.charAt(rest % 32) + text;
		rest = Math.floor(rest / 32);
	}
	return text;
}

/** Random bytes drawn in advance: asking the system for 16 at a time costs more than the rest of an id. */
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let used = 0;

function encodeRandom(): string {
	if (used + 16 > pool.length) {
		pool = randomBytes(POOL_BYTES);
		used = 0;
	}
	let text = '';
	for (const byte of pool.subarray(used, used + 16)) text += CROCKFORD.charAt(byte & 31);
	used += 16;
	return text;
}
