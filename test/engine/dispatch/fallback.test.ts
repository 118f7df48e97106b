import { expire, isExpired, statusOf } from '@sureping/engine';
import {
	delivered,
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

describe('falling back', () => {
	it('queues the fallback when the only channel failed, and says from where and why', () => {
		const scene = new Scene(planOf(['slack'], ['email']));
		const events = scene.attempt('slack', rejected, 300);
		expect(types(events)).toEqual(['failed', 'queued', 'fallback']);
		expect(events[0]).not.toHaveProperty('all_channels_failed');
		expect(events[2]).toMatchObject({
			channel: 'email',
			recipient: 'to-email',
			from_channel: 'slack',
			error: { code: 'RECIPIENT_REJECTED', message: 'Mailbox not found' },
		});
		expect(scene.delivery('email')).toMatchObject({
			role: 'fallback',
			state: 'queued',
			dueAt: T0 + 300,
		});
	});

	it('waits until every channel failed', () => {
		const scene = new Scene(planOf(['slack', 'webhook'], ['email']));
		expect(types(scene.attempt('slack', rejected))).toEqual(['failed']);
		expect(types(scene.attempt('webhook', timeout))).toEqual(['retrying']);
		expect(types(scene.attempt('webhook', rejected))).toEqual(['failed', 'queued', 'fallback']);
	});

	it('does not start when another channel delivered, before or after the failure', () => {
		const before = new Scene(planOf(['slack', 'webhook'], ['email']));
		before.attempt('webhook', delivered);
		expect(types(before.attempt('slack', rejected))).toEqual(['failed']);

		const after = new Scene(planOf(['slack', 'webhook'], ['email']));
		after.attempt('slack', rejected);
		expect(types(after.attempt('webhook', delivered))).toEqual(['delivered']);
		expect(after.notification.deliveries).toHaveLength(2);
	});

	it('uses each fallback once, in order, and marks the last failure', () => {
		const scene = new Scene(planOf(['slack'], ['email', 'webhook']));
		scene.attempt('slack', rejected);
		scene.attempt('email', rejected);
		scene.attempt('webhook', rejected);
		expect(scene.notification.deliveries.map(({ channel }) => channel)).toEqual([
			'slack',
			'email',
			'webhook',
		]);
		const failures = scene.events.filter(({ event }) => event === 'notification.failed');
		expect(failures.map((event) => 'all_channels_failed' in event)).toEqual([false, false, true]);
		expect(scene.events.at(-2)).toMatchObject({ channel: 'webhook', all_channels_failed: true });
	});

	it('follows the fallback’s own policy', () => {
		const scene = new Scene(planOf([target('slack', ONCE)], ['email']));
		scene.attempt('slack', timeout);
		expect(types(scene.attempt('email', timeout))).toEqual(['retrying']);
	});

	it('marks the last of several channels when there is no fallback', () => {
		const scene = new Scene(planOf(['slack', 'email']));
		expect(scene.attempt('email', rejected)[0]).not.toHaveProperty('all_channels_failed');
		expect(scene.attempt('slack', rejected)[0]).toHaveProperty('all_channels_failed', true);
	});
});

describe('a notification that expires', () => {
	it('fails with EXPIRED and no attempts when its time passed before the first', () => {
		const scene = new Scene(planOf(['slack'], ['email'], { expiresAt: T0 + 1_000 }));
		const { id } = scene.delivery('slack');
		const [event, ...others] = scene.take(
			expire(scene.notification, id, T0 + 1_000, { newId: scene.newId }),
		);
		expect(types(others)).toEqual(['undelivered']);
		expect(event).toMatchObject({
			event: 'notification.failed',
			error: { code: 'EXPIRED' },
			attempts: 0,
			all_channels_failed: true,
		});
		expect(event).not.toHaveProperty('first_attempt_at');
		expect(scene.delivery('slack').state).toBe('expired');
		expect(statusOf(scene.notification)).toBe('failed');
	});

	it('is expired exactly from expires_at on, and never without one', () => {
		const { notification } = new Scene(planOf(['slack'], [], { expiresAt: T0 + 1_000 }));
		expect([T0 + 999, T0 + 1_000].map((now) => isExpired(notification, now))).toEqual([
			false,
			true,
		]);
		expect(isExpired(new Scene(planOf(['slack'])).notification, Number.MAX_SAFE_INTEGER)).toBe(
			false,
		);
	});

	it('ends a delivery whose next attempt would come too late, and tells the last error', () => {
		const scene = new Scene(planOf(['slack'], [], { expiresAt: T0 + 15_000 }));
		const [event, ...others] = scene.attempt('slack', timeout, 0);
		expect(types(others)).toEqual(['undelivered']);
		expect([event]).toMatchObject([
			{
				event: 'notification.failed',
				attempts: 1,
				error: { code: 'EXPIRED', message: expect.stringContaining('did not respond') },
				all_channels_failed: true,
			},
		]);
	});

	it('retries when the next attempt comes just in time', () => {
		const scene = new Scene(planOf(['slack'], [], { expiresAt: T0 + 15_001 }));
		expect(types(scene.attempt('slack', timeout, 0))).toEqual(['retrying']);
	});

	it('expires when Retry-After reaches past the end', () => {
		const scene = new Scene(planOf(['slack'], [], { expiresAt: T0 + 60_000 }));
		expect(scene.attempt('slack', rateLimited(60_000), 0)[0]).toMatchObject({
			error: { code: 'EXPIRED' },
		});
	});

	it('falls back while there is time, whichever channel gave up first', () => {
		for (const order of [['slack', 'webhook'] as const, ['webhook', 'slack'] as const]) {
			const scene = new Scene(planOf(['slack', 'webhook'], ['email'], { expiresAt: T0 + 10_000 }));
			// The next attempt through Slack would be after the end; the webhook refuses for good.
			for (const channel of order) scene.attempt(channel, channel === 'slack' ? timeout : rejected);
			expect(types(scene.events).slice(-2)).toEqual(['queued', 'fallback']);
			expect(scene.delivery('email').dueAt).toBe(T0 + 200);
		}
	});

	it('starts no fallback after its end', () => {
		const scene = new Scene(planOf(['slack'], ['email'], { expiresAt: T0 + 5_000 }));
		const events = scene.attempt('slack', rejected, 6_000);
		expect(types(events)).toEqual(['failed', 'undelivered']);
		expect(events[0]).toMatchObject({ all_channels_failed: true });
		expect(statusOf(scene.notification)).toBe('failed');
	});

	it('leaves a delivery alone that already ended', () => {
		const scene = new Scene(planOf(['slack'], [], { expiresAt: T0 + 5_000 }));
		scene.attempt('slack', delivered);
		const { id } = scene.delivery('slack');
		expect(expire(scene.notification, id, T0 + 9_000, { newId: scene.newId }).events).toEqual([]);
	});
});
