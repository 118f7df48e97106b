import { DEFAULT_RETRY, maxAttempts, statusOf, waitAfter } from '@sureping/engine';
import {
	delivered,
	EXACT,
	ONCE,
	planOf,
	rateLimited,
	rejected,
	Scene,
	T0,
	target,
	timeout,
	types,
} from '../../support/dispatch-scene.ts';

describe('retrying a delivery', () => {
	it('waits 15 s, 1 min and 5 min and fails after the fourth attempt', () => {
		const scene = new Scene(planOf(['slack']));
		const waits: (number | undefined)[] = [];
		for (let attempt = 1; attempt <= 4; attempt++) {
			const { dueAt = 0 } = scene.delivery('slack');
			scene.attempt('slack', timeout, 200);
			const next = scene.delivery('slack').dueAt;
			waits.push(next === undefined ? undefined : next - dueAt - 200);
		}
		expect(waits).toEqual([15_000, 60_000, 300_000, undefined]);
		expect(types(scene.events)).toEqual([
			'queued',
			'retrying',
			'retrying',
			'retrying',
			'failed',
			'undelivered',
		]);
		expect(scene.delivery('slack').state).toBe('failed');
		expect(DEFAULT_RETRY.delaysMs).toEqual(EXACT.delaysMs);
	});

	it('is due at once when accepted', () => {
		expect(new Scene(planOf(['slack'])).delivery('slack')).toMatchObject({
			state: 'queued',
			dueAt: T0,
		});
	});

	it.each([
		[0, 13_500],
		[0.5, 15_000],
		[1 - Number.EPSILON, 16_500],
	])('moves a delay by at most its jitter: a draw of %d waits %d ms', (draw, wait) => {
		expect(waitAfter({ ...EXACT, jitter: 0.1 }, 1, () => draw)).toBe(wait);
	});

	it('waits as long as Retry-After asks when that is longer than the delay', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', rateLimited(90_000), 0);
		expect(scene.delivery('slack').dueAt).toBe(T0 + 90_000);
	});

	it('waits the delay when Retry-After asks for less', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', rateLimited(1_000), 0);
		expect(scene.delivery('slack').dueAt).toBe(T0 + 15_000);
	});

	it('never waits less than Retry-After however the jitter falls', () => {
		expect(waitAfter({ ...EXACT, jitter: 1 }, 1, () => 0, 1_000)).toBe(1_000);
	});

	it('waits whole milliseconds, also where a service asks for a fraction of one', () => {
		expect(waitAfter({ ...EXACT, jitter: 0 }, 1, () => 0, 99_999.25)).toBe(100_000);
	});

	it('counts the wait from the end of the attempt', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', timeout, 10_000);
		expect(scene.delivery('slack').dueAt).toBe(T0 + 10_000 + 15_000);
	});

	it('fails after one attempt when the policy has no delays', () => {
		const scene = new Scene(planOf([target('slack', ONCE)]));
		expect(types(scene.attempt('slack', timeout))).toEqual(['failed', 'undelivered']);
		expect(maxAttempts(ONCE)).toBe(1);
	});

	it('ends at once on a permanent error, even with Retry-After', () => {
		const scene = new Scene(planOf(['slack']));
		const outcome = { ...rejected, retryAfterMs: 1_000 };
		expect(types(scene.attempt('slack', outcome))).toEqual(['failed', 'undelivered']);
		expect(scene.delivery('slack')).toMatchObject({ state: 'failed', attempts: [{ at: T0 }] });
		expect(scene.delivery('slack').dueAt).toBeUndefined();
	});

	it('delivers on a later attempt and says which', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', timeout);
		expect(scene.attempt('slack', delivered)).toMatchObject([
			{ event: 'notification.delivered', attempt: 2 },
		]);
	});

	it('starts a delivery with send_at at that time, and at once when it has passed', () => {
		const later = new Scene(planOf(['slack'], [], { sendAt: T0 + 3_600_000 }));
		const past = new Scene(planOf(['slack'], [], { sendAt: T0 - 3_600_000 }));
		expect(later.delivery('slack').dueAt).toBe(T0 + 3_600_000);
		expect(past.delivery('slack').dueAt).toBe(T0);
	});
});

describe('an outcome that comes again', () => {
	it('changes nothing once the delivery ended', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', delivered);
		const { id } = scene.delivery('slack');
		const before = scene.notification;
		expect(scene.settle(id, { at: T0, latencyMs: 1, outcome: timeout })).toEqual([]);
		expect(scene.notification).toBe(before);
	});

	it('changes nothing when its attempt was already counted', () => {
		const scene = new Scene(planOf(['slack']));
		const { id } = scene.delivery('slack');
		const first = { attempt: 1, at: T0, latencyMs: 200, outcome: timeout };
		expect(types(scene.settle(id, first))).toEqual(['retrying']);
		const before = scene.notification;
		expect(scene.settle(id, first)).toEqual([]);
		expect(scene.notification).toBe(before);
		expect(types(scene.settle(id, { ...first, attempt: 2 }))).toEqual(['retrying']);
	});

	it('changes nothing for a delivery that does not exist', () => {
		const scene = new Scene(planOf(['slack']));
		expect(scene.settle('dlv_unknown', { at: T0, latencyMs: 1, outcome: delivered })).toEqual([]);
	});
});

describe('the status of a notification', () => {
	it('is queued, then in_progress, then delivered', () => {
		const scene = new Scene(planOf(['slack']));
		const seen = [statusOf(scene.notification)];
		scene.attempt('slack', timeout);
		seen.push(statusOf(scene.notification));
		scene.attempt('slack', delivered);
		seen.push(statusOf(scene.notification));
		expect(seen).toEqual(['queued', 'in_progress', 'delivered']);
	});

	it('is delivered when one channel is and another failed, whichever came first', () => {
		for (const order of [['slack', 'email'] as const, ['email', 'slack'] as const]) {
			const scene = new Scene(planOf(['slack', 'email']));
			for (const channel of order)
				scene.attempt(channel, channel === 'slack' ? delivered : rejected);
			expect(statusOf(scene.notification)).toBe('delivered');
		}
	});

	it('is failed only when every channel and fallback failed', () => {
		const scene = new Scene(planOf(['slack'], ['email']));
		scene.attempt('slack', rejected);
		expect(statusOf(scene.notification)).toBe('in_progress');
		scene.attempt('email', rejected);
		expect(statusOf(scene.notification)).toBe('failed');
	});

	it('is cancelled when every delivery is', () => {
		const { notification } = new Scene(planOf(['slack']));
		const deliveries = notification.deliveries.map((one) => ({
			...one,
			state: 'cancelled' as const,
		}));
		expect(statusOf({ ...notification, deliveries })).toBe('cancelled');
	});
});
