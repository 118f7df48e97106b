import {
	type DeliveryEvent,
	deliveryEventSchema,
	isOverall,
	ONE_PING_EVENTS,
} from '@sureping/engine';
import { delivered, planOf, rejected, Scene, T0, timeout } from '../../support/dispatch-scene.ts';
import {
	ONE_PING_DELIVERED,
	ONE_PING_FAILED,
	ONE_PING_RETRYING,
} from '../../support/one-ping-samples.ts';

/** Fields that each of our events carries besides One-Ping's own. */
const OURS = ['event_id', 'delivery_id', 'sequence'];

function last(scene: Scene): DeliveryEvent {
	const event = scene.events.at(-1);
	if (!event || isOverall(event)) throw new Error('No event of a delivery');
	return event;
}

/** The JSON type of every field, nested ones included. */
function shape(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return typeof value;
	return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member)]));
}

describe('the fields of delivery events', () => {
	it('are those of One-Ping’s delivered sample, plus ours', () => {
		const scene = new Scene(planOf(['telegram']));
		scene.attempt('telegram', delivered, 245);
		const { event_id, delivery_id, sequence, confirmation, ...oneping } = last(scene) as Extract<
			DeliveryEvent,
			{ event: 'notification.delivered' }
		>; // The attempt above was delivered.
		expect(shape(oneping)).toEqual(shape(ONE_PING_DELIVERED));
		expect(oneping).toMatchObject({
			status: 'delivered',
			latency_ms: 245,
			attempt: 1,
			delivered_at: '2025-01-15T10:30:00.245Z',
			timestamp: '2025-01-15T10:30:00.245Z',
			metadata: { order_id: 'ORD-5678' },
		});
		expect([event_id, delivery_id, sequence, confirmation]).toEqual([
			expect.stringMatching(/^evt_/),
			scene.delivery('telegram').id,
			2,
			'service',
		]);
	});

	it('are those of One-Ping’s failed sample, plus ours', () => {
		const scene = new Scene(planOf(['email', 'slack'], [], { metadata: {} }));
		scene.attempt('email', timeout, 1_000);
		scene.attempt('email', rejected, 1_000);
		const event = last(scene);
		expect(shape(without(event, OURS))).toEqual(shape(ONE_PING_FAILED));
		expect(event).toMatchObject({
			status: 'failed',
			attempts: 2,
			error: ONE_PING_FAILED.error,
			first_attempt_at: '2025-01-15T10:30:00.000Z',
			last_attempt_at: '2025-01-15T10:30:16.000Z',
			timestamp: '2025-01-15T10:30:17.000Z',
		});
	});

	it('are those of One-Ping’s retrying sample, plus recipient, metadata and ours', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', timeout, 0);
		scene.attempt('slack', timeout, 0);
		const event = last(scene);
		expect(shape(without(event, [...OURS, 'recipient', 'metadata']))).toEqual(
			shape(ONE_PING_RETRYING),
		);
		expect(event).toMatchObject({
			status: 'retrying',
			attempt: 2,
			max_attempts: 4,
			next_retry_at: '2025-01-15T10:31:15.000Z',
			error: ONE_PING_RETRYING.error,
		});
	});

	it('name the new channel, the old one and the error when falling back', () => {
		const scene = new Scene(planOf(['slack'], ['email']));
		scene.attempt('slack', rejected, 0);
		expect(last(scene)).toEqual({
			event: 'notification.fallback',
			status: 'fallback',
			notification_id: scene.notification.id,
			channel: 'email',
			from_channel: 'slack',
			recipient: 'to-email',
			error: { code: 'RECIPIENT_REJECTED', message: 'Mailbox not found' },
			metadata: { order_id: 'ORD-5678' },
			timestamp: '2025-01-15T10:30:00.000Z',
			event_id: expect.stringMatching(/^evt_/),
			delivery_id: scene.delivery('email').id,
			sequence: 2,
		});
	});

	it('echo metadata unchanged', () => {
		const metadata = { deep: { list: [1, null, 'ü', { x: 1e-7 }] }, '': false };
		const scene = new Scene(planOf(['slack'], ['email'], { metadata }));
		scene.attempt('slack', rejected);
		expect(scene.events.map((event) => event.metadata)).toEqual(Array(4).fill(metadata));
	});
});

describe('deliveryEventSchema', () => {
	it('accepts every event that dispatch writes', () => {
		const scene = new Scene(planOf(['slack', 'webhook'], ['email'], { expiresAt: T0 + 40_000 }));
		scene.attempt('slack', timeout);
		scene.attempt('slack', timeout); // The next attempt would be too late.
		scene.attempt('webhook', rejected);
		scene.attempt('email', delivered);
		expect(new Set(scene.events.map(({ event }) => event)).size).toBe(5);
		for (const event of scene.events) {
			expect(deliveryEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
		}
	});

	it.each([
		['a missing id', { event_id: undefined }],
		['an unknown type', { event: 'notification.teleported' }],
		['a status of another type', { status: 'failed' }],
		['a local time', { timestamp: '2025-01-15T10:30:05' }],
		['a sequence of 0', { sequence: 0 }],
		['an attempt in words', { attempt: 'first' }],
	])('refuses %s', (_what, change) => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', delivered);
		expect(deliveryEventSchema.safeParse(last(scene)).success).toBe(true);
		expect(deliveryEventSchema.safeParse({ ...last(scene), ...change }).success).toBe(false);
	});

	it('knows the five events of One-Ping', () => {
		expect([...ONE_PING_EVENTS].sort()).toEqual([
			'notification.bounced',
			'notification.delivered',
			'notification.failed',
			'notification.fallback',
			'notification.retrying',
		]);
	});
});

function without(event: object, names: readonly string[]): object {
	return Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name)));
}
