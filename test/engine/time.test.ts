import { createIds, isoTime, LONGEST_RETRY_AFTER_MS, parseRetryAfter } from '@sureping/engine';
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
