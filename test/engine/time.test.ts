import {
	createIds,
	isoTime,
	LONGEST_RETRY_AFTER_MS,
	parseRetryAfter,
	parseTryAgain,
} from '@sureping/engine';
import fc from 'fast-check';
import { T0 } from '../support/dispatch-scene.ts';

describe('parseRetryAfter', () => {
	it.each<[string | undefined, number | undefined]>([
		['0', 0],
		['30', 30_000],
		[' 30 ', 30_000],
		['0.25', 250],
		['1.0001', 1_001],
		['Wed, 15 Jan 2025 10:31:00 GMT', 60_000],
		['Wed, 15 Jan 2025 10:29:00 GMT', 0],
		['99999999', LONGEST_RETRY_AFTER_MS],
		['9'.repeat(400), LONGEST_RETRY_AFTER_MS],
		['Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_RETRY_AFTER_MS],
		[undefined, undefined],
		['', undefined],
		['  ', undefined],
		['soon', undefined],
		['1e3s', undefined],
		['-5', undefined],
		['+5', undefined],
		['foo 5', undefined],
		['5 seconds', undefined],
		['NaN', undefined],
		['120, 7', 120_000],
		['Wednesday, 15-Jan-25 10:31:00 GMT', 60_000],
		['Wed Jan 15 10:31:00 2025', 60_000],
		['2025-01-15T10:31:00Z', 60_000],
		['15 Jan 2025', undefined],
	])('reads %j as %p ms', (value, wait) => {
		expect(parseRetryAfter(value, T0)).toBe(wait);
	});

	it('gives nothing, or a wait between 0 and a week, for any text', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				const wait = parseRetryAfter(text, T0) ?? 0;
				expect(wait >= 0 && wait <= LONGEST_RETRY_AFTER_MS).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe('parseTryAgain', () => {
	it.each<[string, number | undefined]>([
		['… limit exceeded, try again after Wed, 15 Jan 2025 10:31:00 UTC', 60_000],
		['try again after Wed, 15 Jan 2025 10:29:00 UTC', 0],
		['{"message":"try again after 2025-01-15T10:30:01Z"}', 1_000],
		['Too many messages. Try again in 92 seconds.', 92_000],
		['Too Many Requests: retry after 35', 35_000],
		['Please wait and try again in 1.5 minutes', 90_000],
		['retry after 250ms', 250],
		['Try again in 99999999 days', LONGEST_RETRY_AFTER_MS],
		['try again later', undefined],
		['try again after Wed, 99 Foo 2025 10:31:00 UTC', undefined],
		['retry '.repeat(100_000), undefined],
		['', undefined],
	])('reads %j as %p ms', (sentence, wait) => {
		expect(parseTryAgain(sentence, T0)).toBe(wait);
	});
});

describe('ids', () => {
	it('are prefixed, opaque, unique and sort by time', () => {
		let now = T0;
		const newId = createIds(() => now);
		const ids = Array.from({ length: 1_000 }, () => {
			now++;
			return newId('msg');
		});
		expect(ids[0]).toMatch(/^msg_[0-9a-z]{26}$/);
		expect([...ids].sort()).toEqual(ids);
		expect(new Set(Array.from({ length: 1_000 }, () => newId('evt'))).size).toBe(1_000);
	});
});

it('times on the wire are UTC with milliseconds', () => {
	expect(isoTime(T0)).toBe('2025-01-15T10:30:00.000Z');
});

it('writes every time as `Date` does', () => {
	const anyTime = fc.oneof(
		fc.integer({ min: -8.64e15, max: 8.64e15 }),
		fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
		fc.integer({ min: T0 - 2_000, max: T0 + 2_000 }),
	);
	fc.assert(
		fc.property(fc.array(anyTime), (times) => {
			expect(times.map(isoTime)).toEqual(times.map((ms) => new Date(ms).toISOString()));
		}),
	);
	expect(() => isoTime(NaN)).toThrow(RangeError);
	expect(() => isoTime(8.65e15)).toThrow(RangeError);
});
