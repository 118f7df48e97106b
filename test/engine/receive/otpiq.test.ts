import { readEvent } from '../../support/read-event.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { type Scene, SIGNED_AT } from '../../support/webhooks/index.ts';
import { otpiqMessage, otpiqReport, otpiqUrlToken } from '../../support/webhooks/otpiq.ts';

const DELIVERED = {
	smsId: 'sms_1234567890abcdef',
	deliveryReportType: 'all',
	isFinal: true,
	channel: 'sms',
	status: 'delivered',
	senderId: 'OTPIQ',
};
const read = (payload: unknown) => readEvent(otpiqReport, payload);

async function refusal(
	scene: Scene,
	change: { url?: string; headers?: Record<string, string | string[] | undefined> },
): Promise<string> {
	const request = await scene.sign();
	const received = await receiveScene(scene, {
		...request,
		url: change.url ?? request.url,
		headers: { ...request.headers, ...change.headers },
	});
	return received.ok ? 'accepted' : received.reason;
}

describe('reading a delivery report of OTPIQ', () => {
	it('gives its facts, and nothing that it does not say', async () => {
		expect(await read(DELIVERED)).toEqual({
			eventId: expect.stringMatching(/^otpiq_[0-9a-f]{32}$/),
			provider: 'otpiq',
			type: 'notification.delivered',
			notificationId: 'sms_1234567890abcdef',
			channel: 'sms',
			status: 'delivered',
			final: true,
			confirmation: 'device',
			occurredAt: '2024-01-15T09:50:00.000Z',
			receivedAt: '2024-01-15T09:50:00.000Z',
			metadata: {},
			raw: DELIVERED,
		});
	});

	it('is final when OTPIQ says so: a failure on one channel may be followed by another', async () => {
		expect(
			await read({ ...DELIVERED, channel: 'whatsapp', status: 'failed', isFinal: false }),
		).toMatchObject({ type: 'notification.failed', final: false });
	});

	it('has an error only where a failure has a reason', async () => {
		const failed = { ...DELIVERED, status: 'failed' };
		expect(await read(failed)).not.toHaveProperty('error');
		expect(await read({ ...failed, reason: null })).not.toHaveProperty('error');
		expect(await read({ ...DELIVERED, reason: 'none' })).not.toHaveProperty('error');
		expect(await read({ ...failed, reason: 'Carrier rejected the message' })).toMatchObject({
			error: { code: 'NOT_DELIVERED', message: 'Carrier rejected the message' },
		});
	});

	it.each(['expired', 'toString'])('passes the status %s through', async (status) => {
		expect(await read({ ...DELIVERED, status })).toMatchObject({
			type: 'unknown',
			providerEvent: status,
		});
	});

	it.each(['smsId', 'status', 'channel', 'isFinal'])('loses none without %s', async (name) => {
		const event = await read({ ...DELIVERED, [name]: undefined });
		expect([event.type, event.final]).toEqual(
			name === 'status' ? ['unknown', false] : ['notification.delivered', true],
		);
		expect(Object.values(event)).not.toContain('');
	});
});

describe('the id of a delivery report of OTPIQ', () => {
	it('is the same for a resend', async () => {
		expect((await read({ ...DELIVERED })).eventId).toBe((await read(DELIVERED)).eventId);
	});

	it.each([
		['sent and delivered', { status: 'sent' }],
		['two channels', { channel: 'whatsapp' }],
		['two messages', { smsId: 'sms-2' }],
	])('differs for %s', async (_what, change) => {
		expect((await read({ ...DELIVERED, ...change })).eventId).not.toBe(
			(await read(DELIVERED)).eventId,
		);
	});
});

describe('the secret of a delivery report of OTPIQ', () => {
	const { secret, otherSecret } = otpiqReport;
	const without = { 'x-otpiq-webhook-secret': undefined };

	it.each([
		['a token in the query', `/hook?token=${secret}`, 'accepted'],
		['a token at the end of the path', `/hook/${secret}`, 'accepted'],
		['another token in the query', `/hook?token=${otherSecret}`, 'bad_signature'],
		['no token', '/hook', 'missing_header'],
	])('without the header may be in the URL: %s', async (_what, url, outcome) => {
		expect(await refusal(otpiqReport, { url, headers: without })).toBe(outcome);
	});

	it.each([
		['another', otherSecret, 'bad_signature'],
		['empty', '', 'bad_signature'],
		['there twice', [secret, secret], 'malformed_signature'],
	])('is refused when its header is %s, whatever the URL says', async (_what, value, reason) => {
		const headers = { 'x-otpiq-webhook-secret': value };
		expect(await refusal(otpiqUrlToken, { headers })).toBe(reason);
	});
});

describe('a WhatsApp message that came in through OTPIQ', () => {
	const MESSAGE = {
		eventId: 'evt_1',
		contact: { phoneNumber: '9647501234567' },
		message: { id: 'wamid.1', type: 'text' },
	};
	const readMessage = (payload: unknown) => readEvent(otpiqMessage, payload);

	it('is received from its sender', async () => {
		expect(await readMessage(MESSAGE)).toMatchObject({
			eventId: 'evt_1',
			type: 'notification.received',
			providerEvent: 'whatsapp.inbound_message.received',
			notificationId: 'wamid.1',
			channel: 'whatsapp',
			recipient: '9647501234567',
			final: false,
		});
	});

	it('is unknown when its body names another event, or nothing that we know', async () => {
		const event = 'whatsapp.webhook.test';
		expect(await readMessage({ ...MESSAGE, event })).toMatchObject({
			type: 'unknown',
			providerEvent: event,
		});
		expect(await readMessage({})).toMatchObject({ type: 'unknown' });
	});

	it('has an id that no unsigned header changes, the same for a resend', async () => {
		const { eventId, ...unnamed } = MESSAGE;
		const first = await readMessage(unnamed);
		const again = await readEvent(otpiqMessage, unnamed, {}, (request) => ({
			...request,
			headers: {
				...request.headers,
				'x-otpiq-webhook-event-id': 'evt_forged',
				'x-otpiq-webhook-event': 'forged',
				'x-otpiq-webhook-attempt': '2',
			},
		}));
		expect(again).toEqual(first);
		expect(first.eventId).not.toBe(eventId);
		const other = await readMessage({ ...unnamed, message: { id: 'wamid.2' } });
		expect(other.eventId).not.toBe(first.eventId);
	});

	it.each([
		['milliseconds', String(SIGNED_AT * 1000)],
		['a text', '2024-01-15T09:50:00Z'],
	])('may be stamped with %s: the documentation names no unit', async (_what, timestamp) => {
		const headers = { 'x-otpiq-webhook-timestamp': timestamp };
		// In time, but not what was signed.
		expect(await refusal(otpiqMessage, { headers })).toBe('bad_signature');
	});

	it.each([
		['a timestamp that is none', 'soon', 'bad_timestamp'],
		['milliseconds of an hour ago', String((SIGNED_AT - 3600) * 1000), 'stale'],
		['no timestamp', undefined, 'missing_header'],
	])('is refused with %s', async (_what, timestamp, reason) => {
		const headers = { 'x-otpiq-webhook-timestamp': timestamp };
		expect(await refusal(otpiqMessage, { headers })).toBe(reason);
	});

	it('does not pass with the secret in a header beside a wrong signature', async () => {
		const headers = {
			'x-otpiq-webhook-signature': `sha256=${'0'.repeat(64)}`,
			'x-otpiq-webhook-secret': otpiqMessage.secret,
		};
		expect(await refusal(otpiqMessage, { headers })).toBe('bad_signature');
	});
});
