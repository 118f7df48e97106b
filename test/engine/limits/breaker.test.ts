import { ERROR_CODES, type ErrorCode, type Outcome, type partyOf } from '@sureping/engine';
import {
	afterAttempt,
	type Breaker,
	CLOSED,
	DEFAULT_BREAKER,
	heldFor,
} from '../../../engine/limits/breaker.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const RULES = { failures: 3, probeAfterMs: 1_000, longestProbeMs: 5_000 };

const delivered: Outcome = { result: 'delivered', confirmation: 'service' };
type Party = NonNullable<ReturnType<typeof partyOf>>;
const failed = (code: ErrorCode, about?: Party): Outcome => ({
	result: 'failed',
	permanent: false,
	error: { code, message: 'no' },
	...(about === undefined ? {} : { about }),
});
const silence = failed('TIMEOUT', 'service');

/** After outcomes a second apart. */
function after(breaker: Breaker, outcomes: readonly Outcome[], isProbe = false): Breaker {
	return outcomes.reduce(
		(before, outcome, i) => afterAttempt(before, outcome, { now: T0 + i * 1_000, isProbe }, RULES),
		breaker,
	);
}

describe('a breaker', () => {
	it('opens with the failure that fills the count, and not with the one before', () => {
		expect(after(CLOSED, [silence, silence])).toEqual({ failures: 2 });
		expect(after(CLOSED, [silence, silence, silence])).toEqual({
			failures: 3,
			open: { since: T0 + 2_000, probeAt: T0 + 3_000, probes: 0 },
		});
	});

	it('by default opens after ten, tries after 5 s and at least every minute', () => {
		expect(DEFAULT_BREAKER).toEqual({ failures: 10, probeAfterMs: 5_000, longestProbeMs: 60_000 });
	});

	it.each([
		['a delivery', delivered],
		['a refusal of one recipient', failed('RECIPIENT_REJECTED', 'recipient')],
		['a service that is busy with one recipient', failed('SERVICE_UNAVAILABLE', 'recipient')],
		['an answer of another kind', failed('AUTH_FAILED', 'service')],
	])('counts from the beginning after %s', (_what, outcome) => {
		expect(after(CLOSED, [silence, silence, outcome])).toEqual({ failures: 0 });
		expect(after(CLOSED, [silence, silence, outcome, silence, silence]).open).toBeUndefined();
	});

	it('learns nothing from an attempt that never left this host', () => {
		const ours = failed('CONNECTION_FAILED', 'us');
		expect(after(CLOSED, [silence, silence, ours])).toEqual({ failures: 2 });
		expect(after(CLOSED, [silence, silence, ours, silence]).open).toBeDefined();
		const open = after(CLOSED, [silence, silence, silence]);
		expect(after(open, [ours], true)).toBe(open);
	});

	it.each(['TIMEOUT', 'CONNECTION_FAILED', 'SERVICE_UNAVAILABLE'] as const)(
		'counts %s, where it is the service’s matter',
		(code) => {
			expect(after(CLOSED, [failed(code, 'service')])).toEqual({ failures: 1 });
		},
	);

	it('counts no other code', () => {
		const counted = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(
			(code) => after(CLOSED, [failed(code, 'service')]).failures > 0,
		);
		expect(counted.sort()).toEqual(['CONNECTION_FAILED', 'SERVICE_UNAVAILABLE', 'TIMEOUT']);
	});

	it('that is open is tried half as often after each probe that fails, down to a limit', () => {
		let breaker = after(CLOSED, [silence, silence, silence]);
		const waits: number[] = [];
		for (let i = 0; i < 5; i++) {
			const now = T0 + 10_000 * (i + 1);
			breaker = afterAttempt(breaker, silence, { now, isProbe: true }, RULES);
			waits.push(breaker.open!.probeAt - now);
			expect(breaker.open).toMatchObject({ since: T0 + 2_000, probes: i + 1 });
		}
		expect(waits).toEqual([2_000, 4_000, 5_000, 5_000, 5_000]);
	});

	it('is not tried less often because of what was under way when it opened', () => {
		const open = after(CLOSED, [silence, silence, silence]);
		expect(after(open, [silence]).open).toEqual(open.open);
	});

	it('closes with the first answer, and remembers how long the service was away', () => {
		const open = after(CLOSED, [silence, silence, silence]);
		const back = afterAttempt(open, delivered, { now: T0 + 9_000, isProbe: true }, RULES);
		expect(back).toEqual({ failures: 0, outage: { from: T0 + 2_000, to: T0 + 9_000 } });
		expect(after(back, [delivered])).toEqual(back);
	});
});

describe('what a breaker held back', () => {
	const open: Breaker = { failures: 3, open: { since: T0, probeAt: T0 + 1_000, probes: 0 } };
	const back: Breaker = { failures: 0, outage: { from: T0, to: T0 + 9_000 } };

	it.each<[string, Breaker, number, number]>([
		['nothing while it was always closed', CLOSED, 0, 0],
		['since it opened, for what was due before', open, -5_000, 20_000],
		['since it was due, for what was due later', open, 5_000, 15_000],
		['nothing that is due only later', open, 25_000, 0],
		['until now, for what was due before the outage', back, -5_000, 20_000],
		['until now, for what was due during it', back, 5_000, 15_000],
		['nothing that was due when it was over', back, 9_000, 0],
	])('is told: %s', (_what, breaker, dueAfter, heldMs) => {
		expect(heldFor(breaker, T0 + dueAfter, T0 + 20_000)).toBe(heldMs);
	});
});
