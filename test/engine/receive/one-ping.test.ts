import {
	isProviderId,
	PROVIDERS,
	providerOfParameter,
	receive,
	type ReceivedEvent,
} from '@sureping/engine';
import {
	ONE_PING_DELIVERED,
	ONE_PING_FAILED,
	ONE_PING_RETRYING,
} from '../../support/one-ping-samples.ts';
import { NOW, SECRET, signedRequest } from '../../support/signed-request.ts';

function read(payload: unknown, headers: Record<string, string> = {}): ReceivedEvent {
	const request = signedRequest(payload);
	const received = receive(
		'one-ping',
		{ ...request, headers: { ...request.headers, ...headers } },
		[SECRET],
		{ now: NOW },
	);
	if (!received.ok) throw new Error(received.reason);
	const [event, ...others] = received.events;
	if (!event || others.length > 0) throw new Error('Expected exactly one event');
	return event;
}

function refusal(payload: unknown, provider: 'one-ping' | 'sureping' = 'one-ping'): string {
	const received = receive(provider, signedRequest(payload), [SECRET], { now: NOW });
	return received.ok ? 'accepted' : received.reason;
}

describe('reading a One-Ping webhook', () => {
	it('gives the facts of the delivered sample', () => {
		expect(read(ONE_PING_DELIVERED)).toEqual({
			eventId: expect.stringMatching(/^op_[0-9a-f]{32}$/),
			provider: 'one-ping',
			type: 'notification.delivered',
			notificationId: 'msg_a1b2c3d4e5',
			channel: 'telegram',
			status: 'delivered',
			final: true,
			recipient: '@username',
			attempt: 1,
			latencyMs: 245,
			occurredAt: '2025-01-15T10:30:05.000Z',
			receivedAt: '2024-01-15T09:50:00.000Z',
			metadata: { order_id: 'ORD-5678' },
			raw: ONE_PING_DELIVERED,
		});
	});

	it('gives the facts of the failed sample', () => {
		expect(read(ONE_PING_FAILED)).toMatchObject({
			type: 'notification.failed',
			final: true,
			attempt: 3,
			error: { code: 'RECIPIENT_REJECTED', message: 'Mailbox not found' },
			metadata: {},
		});
	});

	it('gives the facts of the retrying sample, and leaves absent ones out', () => {
		const event = read(ONE_PING_RETRYING);
		expect(event).toMatchObject({
			final: false,
			attempt: 2,
			maxAttempts: 3,
			nextRetryAt: '2025-01-15T10:32:00Z',
			metadata: {},
		});
		for (const absent of ['recipient', 'deliveryId', 'sequence', 'confirmation', 'latencyMs']) {
			expect(event).not.toHaveProperty(absent);
		}
	});

	it('passes types through that it does not know, as not final', () => {
		expect(
			read({ ...ONE_PING_DELIVERED, event: 'notification.snoozed', status: undefined }),
		).toMatchObject({
			type: 'unknown',
			providerEvent: 'notification.snoozed',
			status: 'unknown',
			final: false,
		});
	});

	it('keeps fields that it does not know in raw', () => {
		expect(read({ ...ONE_PING_DELIVERED, cost: 0.01 }).raw).toHaveProperty('cost', 0.01);
	});

	it('keeps a __proto__ key out of metadata', () => {
		const text = JSON.stringify(ONE_PING_DELIVERED).replace(
			'"order_id":',
			'"__proto__":{"x":1},"order_id":',
		);
		const { metadata } = read(text);
		expect(Object.keys(metadata)).toEqual(['order_id']);
		expect(metadata.x).toBeUndefined();
	});

	it('brings times to UTC', () => {
		const event = read({ ...ONE_PING_DELIVERED, timestamp: '2025-01-15T12:30:05.5+02:00' });
		expect(event.occurredAt).toBe('2025-01-15T10:30:05.500Z');
	});

	it.each([
		['no event', { event: undefined }, { type: 'unknown', unreadable: true }],
		['an event of one word', { event: 'delivered' }, { providerEvent: 'delivered' }],
		['no notification', { notification_id: '' }, { type: 'notification.delivered' }],
		['no time', { timestamp: undefined }, { type: 'notification.delivered' }],
		['a time that is none', { timestamp: 'yesterday' }, { type: 'notification.delivered' }],
		[
			'a day that does not exist',
			{ timestamp: '2025-02-30T10:30:05Z' },
			{ notificationId: 'msg_a1b2c3d4e5' },
		],
		['metadata in words', { metadata: 'none' }, { metadata: {} }],
		[
			'an error without a code',
			{ error: { message: 'no' } },
			{ error: { code: 'UNKNOWN', message: 'no' } },
		],
	])('loses no payload with %s', (_what, change, expected) => {
		expect(read({ ...ONE_PING_DELIVERED, ...change })).toMatchObject(expected);
	});
});

describe('the id of a received event', () => {
	it('is the sender’s own when it has one', () => {
		expect(read({ ...ONE_PING_DELIVERED, event_id: 'evt_1' }).eventId).toBe('evt_1');
	});

	it('is not taken from a header, which nobody signed', () => {
		const plain = read(ONE_PING_DELIVERED).eventId;
		expect(read(ONE_PING_DELIVERED, { 'x-oneping-event-id': 'evt_forged' }).eventId).toBe(plain);
	});

	it('is the same for a resend, later and re-ordered', () => {
		const resent = Object.fromEntries(Object.entries(ONE_PING_RETRYING).reverse());
		const later = { ...resent, timestamp: '2025-01-15T11:00:00Z' };
		expect(read(later).eventId).toBe(read(ONE_PING_RETRYING).eventId);
	});

	it.each([
		['two retrying attempts', { attempt: 1 }],
		['two channels', { channel: 'email' }],
		['two recipients', { recipient: '@other' }],
		['two types', { event: 'notification.failed' }],
		['two notifications', { notification_id: 'msg_other' }],
	])('differs for %s', (_what, change) => {
		expect(read({ ...ONE_PING_RETRYING, ...change }).eventId).not.toBe(
			read(ONE_PING_RETRYING).eventId,
		);
	});
});

describe('the sureping provider', () => {
	const ours = { ...ONE_PING_DELIVERED, event_id: 'evt_1', delivery_id: 'dlv_1', sequence: 2 };

	it('loses no event without the ids and the sequence that a runner always sends', () => {
		for (const name of ['none', 'event_id', 'delivery_id', 'sequence']) {
			expect(refusal({ ...ours, [name]: undefined }, 'sureping')).toBe('accepted');
		}
	});

	it('is named once for the wire and once for node parameters', () => {
		expect(Object.keys(PROVIDERS).every(isProviderId)).toBe(true);
		expect(isProviderId('toString')).toBe(false);
		expect(providerOfParameter('onePing')).toBe('one-ping');
		expect(providerOfParameter('one-ping')).toBeUndefined();
	});
});
