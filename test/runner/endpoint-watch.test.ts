import {
	DEFAULT_HEALTH_RULES,
	healthyFrom,
	LONGEST_PAUSE_MS,
	PROFILES,
	type RequestOutcome,
} from '@sureping/engine';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import { EndpointWatch } from '../../runner/workers/endpoint-watch.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3600_000;

const endpoint: Endpoint = {
	id: 'ep_1',
	name: 'e',
	url: 'http://127.0.0.1:9/e',
	profile: 'sureping',
	events: ['notification.queued'],
	isDefault: false,
	status: 'enabled',
	signatureInput: 'timestamped',
	reportType: 'all',
	ack: '2xx',
	policy: PROFILES.sureping.retry,
	source: 'config',
	createdAt: START,
};

let now: number;
let watch: EndpointWatch;
beforeEach(() => {
	now = START;
	watch = new EndpointWatch(DEFAULT_HEALTH_RULES, { now: () => now });
});

const answered = (status: number, retryAfter?: string): RequestOutcome => ({
	sentAt: now,
	now,
	reply: {
		status,
		headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
		body: '',
	},
	acknowledged: status < 300,
	gaveUp: false,
});

/** Asks at each time at which the gate is said to open, until it is open; the milliseconds that that took. */
function waitUntilOpen(one = endpoint): number {
	const from = now;
	for (let gate = watch.of(one); gate?.most === 0; gate = watch.of(one)) {
		now = gate.opensAt;
		if (now - from > 7 * LONGEST_PAUSE_MS) return Infinity;
	}
	return now - from;
}

describe('the watch over endpoints', () => {
	it('keeps a pause when what was sent before it is acknowledged', () => {
		watch.review(endpoint, answered(429, '6'));
		now += 700;
		watch.review(endpoint, answered(200));
		expect(watch.of(endpoint)).toEqual({ most: 0, opensAt: START + 6000 });
	});

	it('heeds a pause that another process was asked for, and keeps what it counted itself', () => {
		watch.review(endpoint, answered(500));
		expect(watch.of(endpoint)).toBeUndefined();
		const pausedUntil = START + HOUR;
		const stored = { ...endpoint, health: { ...healthyFrom(START), failures: 1, pausedUntil } };
		expect(watch.of(stored)).toEqual({ most: 0, opensAt: pausedUntil });
		watch.review(stored, answered(500));
		expect(watch.healthOf(stored)).toMatchObject({ failures: 2, pausedUntil });
	});

	it('keeps no endpoint shut for longer than ever because the clock was set back', () => {
		for (let i = 0; i < 10; i++) watch.review(endpoint, answered(500));
		now -= HOUR;
		expect(waitUntilOpen()).toBe(DEFAULT_HEALTH_RULES.breaker.probeMs);

		now = START;
		const limited = { ...endpoint, id: 'ep_2', rateLimit: { max: 1, windowMs: 1000 } };
		watch.started(limited);
		now -= HOUR;
		expect(waitUntilOpen(limited)).toBe(1000);

		now = START;
		const paused = { ...endpoint, id: 'ep_3' };
		watch.review(paused, answered(429, '9999999'));
		now -= HOUR;
		expect(waitUntilOpen(paused)).toBe(LONGEST_PAUSE_MS);
	});

	it('shortens what its row says after the clock was set back, once', () => {
		now -= HOUR;
		const pausedUntil = START + LONGEST_PAUSE_MS;
		const stored = { ...endpoint, health: { ...healthyFrom(START), failures: 1, pausedUntil } };
		expect(waitUntilOpen(stored)).toBe(LONGEST_PAUSE_MS);
	});

	it('counts endpoints by how they stand', () => {
		const others = ['failing', 'paused', 'disabled'].map((id) => ({ ...endpoint, id }));
		const [failing, paused] = others;
		watch.review(failing!, answered(500));
		watch.review(paused!, answered(429));
		const all = [endpoint, ...others].map((one) =>
			one.id === 'disabled' ? { ...one, status: 'disabled' as const } : one,
		);
		expect(watch.standings(all)).toEqual({ enabled: 1, failing: 1, paused: 1, disabled: 1 });
	});
});
