import type { Delivery, Notification } from '@sureping/engine';
import { BrokenRow } from '../../runner/store/contract/errors.ts';
import {
	deliveriesJson,
	deliveryRow,
	toDeliveries,
	toDelivery,
	withDueTimes,
} from '../../runner/store/rows/delivery.ts';

const POLICY = { delaysMs: [15_000, 60_000], jitter: 0.1, timeoutMs: 10_000 };

const QUEUED: Delivery = {
	id: 'dlv_1',
	role: 'primary',
	channel: 'slack',
	connection: 'ops',
	recipient: 'ops',
	policy: POLICY,
	state: 'queued',
	attempts: [],
	dueAt: 1_000,
	sequence: 1,
};

const SENT: Delivery = {
	...QUEUED,
	id: 'dlv_2',
	channel: 'sms',
	recipient: '+4915112345678',
	state: 'sent',
	attempts: [
		{ at: 1_000, latencyMs: 12.5, error: { code: 'TIMEOUT', message: 'No answer "in time"' } },
		{ at: 16_000, latencyMs: 80 },
	],
	report: { timeoutMs: 60_000, otherwise: 'failed', url: 'https://example.com/reports' },
	messageId: '<a\0b@example.com>',
};

const { dueAt: _ended, ...NOT_DUE } = SENT;
const DELIVERED: Delivery = {
	...NOT_DUE,
	id: 'dlv_3',
	role: 'fallback',
	state: 'delivered',
	confirmation: 'device',
	sequence: 3,
};
const EXPIRED: Delivery = {
	...NOT_DUE,
	id: 'dlv_4',
	state: 'expired',
	error: { code: 'EXPIRED', message: 'Too late \u2028' },
};

const notificationOf = (...deliveries: Delivery[]): Notification => ({
	id: 'msg_1',
	createdAt: 1_000,
	message: 'm',
	metadata: {},
	depth: 0,
	priority: 'normal',
	published: [],
	deliveries,
	fallbacks: [],
});

describe('the deliveries of a notification as one JSON list', () => {
	it('are read back as they were, in their order', () => {
		const notification = notificationOf(QUEUED, SENT, DELIVERED, EXPIRED);
		expect(toDeliveries(deliveriesJson(notification))).toStrictEqual(notification.deliveries);
	});

	it('are what their rows would be read back as', () => {
		const notification = notificationOf(QUEUED, SENT, DELIVERED, EXPIRED);
		const rows = notification.deliveries.map((one, i) => deliveryRow(notification, one, i));
		expect(toDeliveries(deliveriesJson(notification))).toEqual(rows.map(toDelivery));
	});

	it.each([
		['no JSON', '{'],
		['nothing', null],
		['JSON that is no list', '7'],
		['null', 'null'],
		['a list of something else', '[7]'],
		['a delivery without its attempts', JSON.stringify([{ ...QUEUED, attempts: 'x' }])],
		['a delivery without its policy', JSON.stringify([QUEUED, { ...SENT, policy: '{' }])],
		['a delivery in no state', JSON.stringify([{ ...QUEUED, state: 'lost' }])],
		['a report that is no object', JSON.stringify([{ ...SENT, report: '{' }])],
		['an error that is no object', JSON.stringify([{ ...EXPIRED, error: null }])],
	])('are a broken row when there is %s', (_name, text) => {
		expect(() => toDeliveries(text)).toThrow(BrokenRow);
	});

	it('are due when their rows say so, and not at all without one', () => {
		const deliveries = [QUEUED, SENT, DELIVERED];
		const due = new Map([
			[QUEUED.id, 2_000],
			[SENT.id, 1_000],
		]);
		expect(withDueTimes(deliveries, due)).toStrictEqual([
			{ ...QUEUED, dueAt: 2_000 },
			SENT,
			DELIVERED,
		]);
		const { dueAt: _stopped, ...stopped } = QUEUED;
		expect(withDueTimes([QUEUED], new Map())).toStrictEqual([stopped]);
	});
});
