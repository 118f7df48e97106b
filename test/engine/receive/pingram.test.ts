import { createHmac } from 'node:crypto';
import { type RawRequest, verify } from '@sureping/engine';
import { verify as verifyWithPackage } from 'pingram/webhooks';
import { readEvent } from '../../support/read-event.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { SIGNED_AT } from '../../support/webhooks/index.ts';
import { pingram } from '../../support/webhooks/pingram.ts';

const NOW = SIGNED_AT * 1000;
const TRACKING_ID = '0192a1b2-c3d4-5e6f-7890-abcd1234ef56';
const OPEN = {
	eventType: 'EMAIL_OPEN',
	trackingId: TRACKING_ID,
	notificationId: 'welcome-email',
	channel: 'EMAIL',
	userId: 'user-123',
};
const read = (payload: unknown, now = NOW) => readEvent(pingram, payload, { now });

describe('the signature of a Pingram webhook', () => {
	beforeEach(() => {
		jest.useFakeTimers({ now: NOW });
	});
	afterEach(() => {
		jest.useRealTimers();
	});

	function acceptedByPackage({ headers, body }: RawRequest): boolean {
		try {
			verifyWithPackage({
				payload: Buffer.from(body),
				headers: {
					id: String(headers['x-pingram-id']),
					signature: String(headers['x-pingram-signature']),
					timestamp: String(headers['x-pingram-timestamp']),
				},
				secret: pingram.secret,
			});
			return true;
		} catch {
			return false;
		}
	}

	it.each<[string, boolean, Parameters<typeof pingram.sign>[0], Record<string, string>]>([
		['a genuine request', true, {}, {}],
		['letters beyond ASCII', true, { body: '{"eventType":"EMAIL_OPEN","userId":"usernämé"}' }, {}],
		['exactly 300 s of age', true, { at: SIGNED_AT - 300 }, {}],
		['more than 300 s of age', false, { at: SIGNED_AT - 301 }, {}],
		['more than 300 s in the future', false, { at: SIGNED_AT + 301 }, {}],
		['another secret', false, { secret: pingram.otherSecret }, {}],
		['another id', false, {}, { 'x-pingram-id': 'msg_2' }],
		['another timestamp', false, {}, { 'x-pingram-timestamp': String(NOW + 1) }],
		['seconds for milliseconds', false, {}, { 'x-pingram-timestamp': String(SIGNED_AT) }],
		['no version', false, {}, { 'x-pingram-signature': '0'.repeat(64) }],
		['another version', false, {}, { 'x-pingram-signature': `v2,${'0'.repeat(64)}` }],
	])(
		'of %s means the same to us and to the package of Pingram',
		async (_what, accepted, signing, change) => {
			const request = await pingram.sign(signing);
			const changed = { ...request, headers: { ...request.headers, ...change } };
			expect(acceptedByPackage(changed)).toBe(accepted);
			expect((await receiveScene(pingram, changed)).ok).toBe(accepted);
		},
	);

	it('covers no id with a full stop, of which the end could pass for a timestamp', async () => {
		const timestamp = String(NOW);
		const body = Buffer.from(pingram.body);
		const digest = createHmac('sha256', pingram.secret)
			.update(`msg.1.${timestamp}.`)
			.update(body)
			.digest('hex');
		const headers = {
			'content-type': 'application/json',
			'x-pingram-id': 'msg.1',
			'x-pingram-timestamp': timestamp,
			'x-pingram-signature': `v1,${digest}`,
		};
		expect(await receiveScene(pingram, { ...(await pingram.sign()), headers, body })).toEqual({
			ok: false,
			reason: 'malformed_signature',
		});
	});

	it('is the known one over id, timestamp and body', async () => {
		const body = Buffer.from(
			'{"event":"notification.delivered","notification_id":"msg_a1b2c3d4e5","channel":"telegram","status":"delivered","recipient":"@usernämé","metadata":{"order_id":"ORD-5678"}}',
		);
		const signature = 'a768b0a94f4a01e727b292234b4e53009ae9db8a84e5519dcde13fe7e8840fb3';
		const { headers, ...request } = await pingram.sign({ body });
		const known = {
			...headers,
			'x-pingram-id': 'msg_1',
			'x-pingram-timestamp': '1705312200',
			'x-pingram-signature': `v1,${signature}`,
		};
		// The timestamp is read as milliseconds.
		const options = { now: 1_705_312_200 };
		expect(
			verify('pingram', { ...request, headers: known }, ['whsec_test'], options),
		).toMatchObject({ ok: true, id: 'msg_1', signedAt: 1_705_312_200 });
	});

	it.each(['x-pingram-id', 'x-pingram-timestamp', 'x-pingram-signature'])(
		'needs %s, once',
		async (name) => {
			const { headers, ...request } = await pingram.sign();
			const without = { ...request, headers: { ...headers, [name]: undefined } };
			expect(await receiveScene(pingram, without)).toMatchObject({ reason: 'missing_header' });
			const value = headers[name] ?? '';
			const twice = { ...request, headers: { ...headers, [name]: [value, value] } };
			expect((await receiveScene(pingram, twice)).ok).toBe(false);
		},
	);
});

describe('reading a Pingram webhook', () => {
	it('gives the facts of the documented sample, and nothing that it does not say', async () => {
		expect(await read(OPEN)).toEqual({
			eventId: 'msg_1',
			provider: 'pingram',
			type: 'notification.opened',
			providerEvent: 'EMAIL_OPEN',
			notificationId: TRACKING_ID,
			channel: 'email',
			status: 'opened',
			final: false,
			recipient: 'user-123',
			occurredAt: '2024-01-15T09:50:00.000Z',
			receivedAt: '2024-01-15T09:50:00.000Z',
			metadata: {},
			raw: OPEN,
		});
	});

	it('does not take a call that Pingram calls delivered for one that was answered', async () => {
		expect(await read({ ...OPEN, eventType: 'CALL_DELIVERED', channel: 'CALL' })).toMatchObject({
			type: 'notification.delivered',
			confirmation: 'service',
		});
	});

	it.each([undefined, null])(
		'has no error where a failure gives no code: %s',
		async (failureCode) => {
			const event = await read({ ...OPEN, eventType: 'PUSH_FAILED', channel: 'PUSH', failureCode });
			expect(event).toMatchObject({ type: 'notification.failed', channel: 'push', final: true });
			expect(event).not.toHaveProperty('error');
		},
	);

	it('takes the channel from the event where the payload has none', async () => {
		const { channel, ...rest } = OPEN;
		expect(await read({ ...rest, eventType: 'VOICE_INBOUND' })).toMatchObject({ channel: 'call' });
		expect(await read({ ...rest, eventType: 'INAPP_WEB_UNSUBSCRIBE' })).toMatchObject({
			channel: 'in_app',
		});
		expect(channel).toBe('EMAIL');
	});

	it('names a message that answers no notification by its own id, and else by the signed one', async () => {
		const inbound = { eventType: 'EMAIL_INBOUND', from: 'a@example.com', isReply: false };
		expect(await read({ ...inbound, messageId: '<b@example.com>' })).toMatchObject({
			notificationId: '<b@example.com>',
			recipient: 'a@example.com',
		});
		expect(await read(inbound)).toMatchObject({ notificationId: 'msg_1' });
	});

	it('passes types through that it does not know, as not final', async () => {
		expect(await read({ ...OPEN, eventType: 'EMAIL_SNOOZED' })).toMatchObject({
			type: 'unknown',
			providerEvent: 'EMAIL_SNOOZED',
			status: 'unknown',
			final: false,
		});
	});

	it.each([
		['no event type', { ...OPEN, eventType: undefined }],
		['a list of events', [OPEN, OPEN]],
	])('cannot be read with %s, and comes through', async (_what, payload) => {
		expect(await read(payload)).toMatchObject({ type: 'unknown', unreadable: true });
	});
});

describe('the id of a Pingram event', () => {
	it('is the signed one, where that is not the tracking id', async () => {
		expect((await read(OPEN, NOW + 60_000)).eventId).toBe('msg_1');
	});

	describe('where the signed one is the tracking id', () => {
		const idOf = async (payload: object, now?: number): Promise<string> =>
			(await read({ ...payload, trackingId: 'msg_1' }, now)).eventId;
		const delivered = { ...OPEN, eventType: 'EMAIL_DELIVERED' };

		it('is the same for a resend', async () => {
			expect(await idOf(delivered, NOW + 299_000)).toBe(await idOf(delivered));
		});

		it.each([
			['two events', { eventType: 'EMAIL_UNSUBSCRIBE' }],
			['two channels', { eventType: 'SMS_DELIVERED', channel: 'SMS' }],
		])('differs for %s of a notification', async (_what, change) => {
			expect(await idOf({ ...delivered, ...change })).not.toBe(await idOf(delivered));
		});

		it('differs for two opens in two minutes, and for two links in one', async () => {
			expect(await idOf(OPEN, NOW + 60_000)).not.toBe(await idOf(OPEN));
			const click = { ...OPEN, eventType: 'EMAIL_CLICK', clickedLink: 'https://example.com/a' };
			expect(await idOf({ ...click, clickedLink: 'https://example.com/b' })).not.toBe(
				await idOf(click),
			);
		});
	});
});
