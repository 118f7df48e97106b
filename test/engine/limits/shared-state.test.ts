import {
	type ConnectionState,
	FRESH,
	mergeShared,
	type UnsharedChanges,
	onClockAhead,
} from '@sureping/engine';
import fc from 'fast-check';
import { T0 } from '../../support/dispatch-scene.ts';

const NONE: UnsharedChanges = { pause: false, breaker: false };
const LEARNT: UnsharedChanges = { pause: true, breaker: true };
const open = (since: number, probeAt: number, probes = 0): ConnectionState => ({
	...FRESH,
	breaker: { failures: 10, open: { since, probeAt, probes } },
});
const failedOften: ConnectionState = { ...FRESH, breaker: { failures: 9 } };

describe('what processes know together of a connection', () => {
	it('is believed by one that has no news, which goes on counting for itself', () => {
		const shared = { ...open(T0, T0 + 5_000), fullAt: T0 + 7, pausedUntil: T0 + 9 };
		expect(mergeShared(failedOften, shared, NONE)).toEqual({
			...shared,
			breaker: { ...shared.breaker, failures: 9 },
		});
		expect(mergeShared(open(T0, T0), FRESH, NONE).breaker).toEqual({ failures: 0 });
	});

	it('never lets a pause that is news be shortened', () => {
		const own = { ...FRESH, pausedUntil: T0 + 5 };
		for (const theirs of [0, T0 + 3, T0 + 8]) {
			const shared = { ...FRESH, pausedUntil: theirs };
			expect(mergeShared(own, shared, LEARNT).pausedUntil).toBe(Math.max(T0 + 5, theirs));
			expect(mergeShared(own, shared, NONE).pausedUntil).toBe(theirs);
		}
	});

	it('is down since the first of two found it so, and is probed when the last of them would', () => {
		const both = mergeShared(open(T0 + 2, T0 + 9, 0), open(T0, T0 + 8, 3), LEARNT);
		expect(both.breaker.open).toEqual({ since: T0, probeAt: T0 + 9, probes: 3 });
		expect(mergeShared(open(T0, T0 + 5), FRESH, LEARNT).breaker.open).toBeDefined();
	});

	it('is back when one has found it so', () => {
		const outage = { from: T0, to: T0 + 60_000 };
		const back: ConnectionState = { ...FRESH, breaker: { failures: 0, outage } };
		expect(mergeShared(back, open(T0, T0 + 70_000), LEARNT).breaker).toEqual({
			failures: 0,
			outage,
		});
	});

	it('is the same by every clock', () => {
		fc.assert(
			fc.property(fc.integer({ min: -3_600_000, max: 3_600_000 }), fc.nat(), (ahead, n) => {
				const outage = { from: T0 - n, to: T0 };
				for (const state of [
					FRESH,
					{ ...open(T0, T0 + n, 2), fullAt: T0 + n, pausedUntil: T0 + 2 * n },
					{ ...FRESH, breaker: { failures: 0, outage } },
				]) {
					expect(onClockAhead(onClockAhead(state, ahead), -ahead)).toEqual(state);
				}
				expect(onClockAhead(open(T0, T0 + n), ahead)).toEqual(open(T0 + ahead, T0 + n + ahead));
			}),
		);
	});
});
