import {
	bothGates,
	DEFAULT_HEALTH_RULES,
	type EndpointHealth,
	healthGate,
	type HealthRules,
	healthyFrom,
	LONGEST_PAUSE_MS,
	rateGate,
	type RequestOutcome,
	requestStarted,
	type Review,
	reviewEndpoint,
	withinReach,
} from '@sureping/engine';
import fc from 'fast-check';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');

const answer = (
	status: number,
	at: number,
	more: Partial<RequestOutcome> & { retryAfter?: string } = {},
): RequestOutcome => {
	const { retryAfter, ...rest } = more;
	const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
	return {
		sentAt: at,
		now: at,
		reply: { status, headers, body: '' },
		acknowledged: status < 300,
		gaveUp: false,
		...rest,
	};
};

/** The endpoint's answers one after another. */
function reviewAll(
	outcomes: readonly RequestOutcome[],
	rules: HealthRules = DEFAULT_HEALTH_RULES,
	from: EndpointHealth = healthyFrom(START),
): Review {
	let review: Review = { health: from, isWorthKeeping: false };
	for (const outcome of outcomes) review = reviewEndpoint(review.health, outcome, rules);
	return review;
}

const failures = (count: number, everyMs: number, from = START): RequestOutcome[] =>
	Array.from({ length: count }, (_, i) => answer(500, from + i * everyMs));

describe('an endpoint’s failures', () => {
	it('count from the first in a row, and end with one acknowledgement', () => {
		const failing = reviewAll(failures(3, SECOND));
		expect(failing.health).toMatchObject({ failures: 3, failingSince: START });
		const well = reviewAll([...failures(3, SECOND), answer(200, START + HOUR)]);
		expect(well.health).toEqual(healthyFrom(START));
	});

	it('are written down when something changes, not with every request', () => {
		const kept = failures(40, SECOND).map((_, i, all) => {
			const { isWorthKeeping } = reviewAll(all.slice(0, i + 1));
			return isWorthKeeping ? i + 1 : 0;
		});
		expect(kept.filter((count) => count > 0)).toEqual([3, 10]);
		expect(reviewAll([answer(500, START), answer(200, START)]).isWorthKeeping).toBe(false);
		expect(reviewAll([...failures(3, 1), answer(200, START)]).isWorthKeeping).toBe(true);
	});

	it('are announced at each threshold once, and recovery to those who were told', () => {
		const at = (hours: number): RequestOutcome => answer(500, START + hours * HOUR);
		const announced = [
			at(0),
			at(0.9),
			at(1),
			at(2),
			at(24),
			at(25),
			answer(200, START + 26 * HOUR),
		];
		const told = announced.map((_, i, all) => reviewAll(all.slice(0, i + 1)).announce);
		expect(told).toEqual([
			...[undefined, undefined, 'endpoint.failing', undefined, 'endpoint.failing', undefined],
			'endpoint.recovered',
		]);
		expect(reviewAll([at(0), at(0.5), answer(200, START + HOUR)]).announce).toBeUndefined();
	});
});

describe('disabling an endpoint', () => {
	it('follows when retries were exhausted while it has been failing for five days', () => {
		const since = failures(5, DAY);
		const gaveUp = (ms: number): Review =>
			reviewAll([...since, answer(500, START + ms, { gaveUp: true })]);
		expect(gaveUp(5 * DAY - 1).health.disabled).toBeUndefined();
		expect(gaveUp(5 * DAY)).toMatchObject({
			announce: 'endpoint.disabled',
			isWorthKeeping: true,
			health: { disabled: 'failing' },
		});
		// As long as retries are still to come, it is not.
		expect(reviewAll(failures(8, DAY)).health.disabled).toBeUndefined();
	});

	it('follows from failed probes alone, however long the queue behind them is', () => {
		const open = failures(10, SECOND);
		const probes = failures(5 * 24, HOUR, START + HOUR);
		expect(reviewAll([...open, ...probes.slice(0, -1)]).health.disabled).toBeUndefined();
		expect(reviewAll([...open, ...probes]).health.disabled).toBe('failing');
	});

	it.each([
		['in which nothing was owed', false],
		['in which the runner was stopped, and the last attempt', true],
	])('does not follow from an outage, a week %s, and one failure', (_, gaveUp) => {
		const outage = failures(30, 60 * SECOND);
		const late = answer(500, START + 7 * DAY, { gaveUp });
		expect(reviewAll([...outage, late]).health.disabled).toBeUndefined();
		// Days of failing do not pass unseen because the times between failures are long.
		expect(reviewAll([...outage, ...failures(5, 7 * DAY, START + DAY)]).health.disabled).toBe(
			'failing',
		);
	});

	it('takes failures all over the time that the operator set, however short that is', () => {
		const rules = { ...DEFAULT_HEALTH_RULES, disableAfterMs: HOUR };
		const outage = failures(10, 1);
		const late = [answer(500, START + HOUR), answer(500, START + 2 * HOUR)];
		expect(reviewAll([...outage, ...late], rules).health.disabled).toBeUndefined();
		const probes = failures(120, 30 * SECOND, START + 30 * SECOND);
		expect(reviewAll([...outage, ...probes], rules).health.disabled).toBe('failing');
	});

	it('is written down on the way, so that restarts do not keep a dead endpoint alive', () => {
		let kept = healthyFrom(START);
		let disabledOn = 0;
		for (let day = 1; disabledOn === 0 && day < 9; day++) {
			// Every day the runner starts again with what was written.
			let { health } = { health: kept };
			for (const outcome of failures(48, HOUR / 2, START + (day - 1) * DAY)) {
				const review = reviewEndpoint(health, outcome, DEFAULT_HEALTH_RULES);
				health = review.health;
				if (review.isWorthKeeping) kept = review.health;
				if (health.disabled) disabledOn ||= day;
			}
		}
		expect(disabledOn).toBe(6);
	});

	it('follows a 410 at once, whatever came before', () => {
		expect(reviewAll([answer(410, START)])).toMatchObject({
			announce: 'endpoint.disabled',
			health: { disabled: 'gone' },
		});
	});

	it('can be turned off, but for 410', () => {
		const never = { ...DEFAULT_HEALTH_RULES, disableAfterMs: undefined };
		const late = answer(500, START + 99 * DAY, { gaveUp: true });
		expect(reviewAll([...failures(20, SECOND), late], never).health.disabled).toBeUndefined();
		expect(reviewAll([answer(410, START)], never).health.disabled).toBe('gone');
	});

	it('is announced once: what was still under way changes nothing', () => {
		const after = reviewAll([answer(410, START), answer(410, START), answer(200, START)]);
		expect(after).toEqual({
			health: expect.objectContaining({ disabled: 'gone', failures: 1 }),
			isWorthKeeping: false,
		});
	});
});

describe('an endpoint that asks for less', () => {
	it.each([
		[429, '30', 30 * SECOND],
		[503, '30', 30 * SECOND],
		[502, '0.5', 500],
		[504, new Date(START + HOUR).toUTCString(), HOUR],
		[429, '9999999', LONGEST_PAUSE_MS],
		[429, undefined, 60 * SECOND],
		[502, 'soon', 60 * SECOND],
	])('is left alone after a %i with Retry-After %s for %i ms', (status, retryAfter, ms) => {
		const extra = retryAfter === undefined ? {} : { retryAfter };
		const { health, isWorthKeeping } = reviewAll([answer(status, START, extra)]);
		expect(isWorthKeeping).toBe(true);
		expect(healthGate(health, START + ms - 1)).toEqual({ most: 0, opensAt: START + ms });
		expect(healthGate(health, START + ms)).toBeUndefined();
	});

	it.each([500, 503, 400])('is not paused by a %i that does not ask for it', (status) => {
		expect(healthGate(reviewAll([answer(status, START)]).health, START)).toBeUndefined();
	});

	it('pauses no longer than what was refused waits, when it does not say how long', () => {
		const { health } = reviewAll([answer(429, START, { waitMs: 50 })]);
		expect(health.pausedUntil).toBe(START + 50);
	});

	it('is not reached sooner because it acknowledges what was sent before', () => {
		const refused = answer(429, START + 1, { retryAfter: '6' });
		const earlier = answer(200, START + 700, { sentAt: START });
		const { health } = reviewAll([refused, earlier]);
		expect(health).toEqual({ ...healthyFrom(START), pausedUntil: START + 6001 });
		const later = reviewEndpoint(health, answer(200, START + 6001), DEFAULT_HEALTH_RULES);
		expect(later).toEqual({ health: healthyFrom(START), isWorthKeeping: true });
	});

	it.each([
		[503, '1'],
		[502, undefined],
		[504, '60'],
	])(
		'by a %i with Retry-After %s is reached again when it acknowledges what was under way',
		(status, retryAfter) => {
			const extra = retryAfter === undefined ? {} : { retryAfter };
			const unwell = answer(status, START + 1, extra);
			const { health, isWorthKeeping } = reviewAll([
				unwell,
				answer(200, START + 2, { sentAt: START }),
			]);
			expect(health).toEqual(healthyFrom(START));
			expect(isWorthKeeping).toBe(true);
			expect(healthGate(health, START + 2)).toBeUndefined();
			// A pause that it asked for with a 429 is kept all the same.
			const both = reviewAll([
				unwell,
				answer(429, START + 1, { retryAfter: '6' }),
				answer(200, START + 2),
			]);
			expect(healthGate(both.health, START + 2)).toMatchObject({ most: 0, opensAt: START + 6001 });
		},
	);

	it('is not left alone for longer because the clock is set back', () => {
		const paused = reviewAll([answer(429, START, { retryAfter: '9999999' })]).health;
		const open = reviewAll(failures(10, 0)).health;
		const back = START - DAY;
		const gateOf = (health: EndpointHealth): unknown =>
			healthGate(withinReach(health, back, DEFAULT_HEALTH_RULES), back);
		expect(gateOf(paused)).toEqual({ most: 0, opensAt: back + LONGEST_PAUSE_MS });
		const { probeMs } = DEFAULT_HEALTH_RULES.breaker;
		expect(gateOf(open)).toEqual({ most: 0, opensAt: back + probeMs });
		expect(withinReach(paused, START, DEFAULT_HEALTH_RULES)).toBe(paused);
	});

	it('is not reached sooner because a later answer asks for less', () => {
		const long = answer(429, START, { retryAfter: '100' });
		const short = answer(429, START + 1, { retryAfter: '1' });
		expect(reviewAll([long, short]).health.pausedUntil).toBe(START + 100 * SECOND);
	});
});

describe('the breaker', () => {
	const { breaker } = DEFAULT_HEALTH_RULES;

	it('opens after so many failures in a row, and lets one request through per interval', () => {
		const closed = reviewAll(failures(breaker.failures - 1, 0)).health;
		expect(healthGate(closed, START)).toBeUndefined();
		const open = reviewAll(failures(breaker.failures, 0)).health;
		const probeAt = START + breaker.probeMs;
		expect(healthGate(open, probeAt - 1)).toEqual({ most: 0, opensAt: probeAt });
		expect(healthGate(open, probeAt)).toMatchObject({ most: 1 });
		// While the probe is under way nothing follows it.
		const probing = requestStarted(open, probeAt, DEFAULT_HEALTH_RULES);
		expect(healthGate(probing, probeAt)).toMatchObject({ most: 0 });
		const failed = reviewEndpoint(probing, answer(500, probeAt + 9), DEFAULT_HEALTH_RULES).health;
		expect(healthGate(failed, probeAt + 9)).toMatchObject({
			most: 0,
			opensAt: probeAt + 9 + breaker.probeMs,
		});
	});

	it.each([400, 413, 415, 422, 431])('does not count a %i, which is about one event', (status) => {
		const poisoned = Array.from({ length: 30 }, (_, i) => answer(status, START + i));
		expect(reviewAll(poisoned).health).toMatchObject({ failures: 30 });
		expect(healthGate(reviewAll(poisoned).health, START + 30)).toBeUndefined();
		const more = failures(breaker.failures - 1, 1, START + 30);
		expect(healthGate(reviewAll([...poisoned, ...more]).health, START + 60)).toBeUndefined();
		const last = answer(500, START + 60);
		expect(healthGate(reviewAll([...poisoned, ...more, last]).health, START + 60)).toBeDefined();
	});

	it.each([401, 403, 404, 500, 503])('counts a %i, which is about all of them', (status) => {
		const all = Array.from({ length: breaker.failures }, (_, i) => answer(status, START + i));
		expect(reviewAll(all).health.probeAt).toBeDefined();
	});

	it('closes when a probe finds somebody who finds fault with an event', () => {
		const open = reviewAll(failures(breaker.failures, 0)).health;
		const { health } = reviewEndpoint(open, answer(422, START + HOUR), DEFAULT_HEALTH_RULES);
		expect(health.probeAt).toBeUndefined();
		// It is still failing, for those who are told.
		expect(health).toMatchObject({ failures: breaker.failures + 1, failingSince: START });
	});

	it('closes with the first acknowledgement', () => {
		const open = reviewAll(failures(breaker.failures, 0)).health;
		const { health } = reviewEndpoint(open, answer(204, START + HOUR), DEFAULT_HEALTH_RULES);
		expect(healthGate(health, START + HOUR)).toBeUndefined();
	});
});

describe('a rate limit', () => {
	it('never lets more than its number through in any window, and always lets the next one through in time', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 5 }),
				fc.integer({ min: 10, max: 100 }),
				fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
				(max, windowMs, pauses) => {
					const rate = { max, windowMs };
					const starts: number[] = [];
					const sent: number[] = [];
					let now = START;
					for (const pause of pauses) {
						now += pause;
						const gate = rateGate(starts, rate, now);
						if (gate && gate.most === 0) {
							expect(gate.opensAt).toBeGreaterThan(now);
							now = gate.opensAt;
							expect(rateGate(starts, rate, now)?.most).toBeGreaterThan(0);
						}
						starts.push(now);
						sent.push(now);
						expect(starts.length).toBeLessThanOrEqual(max);
					}
					for (const at of sent) {
						const window = sent.filter((one) => one > at - windowMs && one <= at);
						expect(window.length).toBeLessThanOrEqual(max);
					}
				},
			),
		);
	});

	it('does not shut an endpoint for longer than a window when the clock is set back', () => {
		const starts = [START + DAY];
		const rate = { max: 1, windowMs: SECOND };
		expect(rateGate(starts, rate, START)).toEqual({ most: 0, opensAt: START + SECOND });
		expect(rateGate(starts, rate, START + SECOND)?.most).toBe(1);
	});

	it('and its health hold an endpoint back until both let it go', () => {
		const shut = { most: 0, opensAt: START + 5 };
		expect(bothGates(shut, { most: 0, opensAt: START + 9 })?.opensAt).toBe(START + 9);
		expect(bothGates({ most: 3, opensAt: START }, shut)).toBe(shut);
		expect(bothGates(undefined, shut)).toBe(shut);
		expect(bothGates(undefined, undefined)).toBeUndefined();
	});
});
