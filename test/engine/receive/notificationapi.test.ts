import { readEvent } from '../../support/read-event.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { SIGNED_AT } from '../../support/webhooks/index.ts';
import { notificationApi } from '../../support/webhooks/notificationapi.ts';

const OPEN = {
	eventType: 'OPEN',
	trackingId: 'abc123',
	notificationId: 'welcome-email',
	channel: 'EMAIL',
	userId: 'user-123',
};
const NOW = SIGNED_AT * 1000;
const read = (payload: unknown, now = NOW) => readEvent(notificationApi, payload, { now });

describe('reading a NotificationAPI webhook', () => {
	it('gives the facts of the documented sample, and nothing that it does not say', async () => {
		const time = '2024-01-15T09:50:00.000Z';
		expect(await read(OPEN)).toEqual({
			eventId: expect.stringMatching(/^notificationapi_[0-9a-f]{32}$/),
			provider: 'notificationapi',
			type: 'notification.opened',
			providerEvent: 'OPEN',
			notificationId: 'abc123',
			channel: 'email',
			status: 'opened',
			final: false,
			recipient: 'user-123',
			occurredAt: time,
			receivedAt: time,
			metadata: {},
			raw: OPEN,
		});
	});

	it.each([
		['EMAIL_OPEN', 'EMAIL', 'notification.opened', undefined],
		['EMAIL_CLICK', 'EMAIL', 'notification.clicked', undefined],
		['EMAIL_DELIVERED', 'EMAIL', 'notification.delivered', 'service'],
		['SMS_DELIVERED', 'SMS', 'notification.delivered', 'device'],
		['SMS_SNOOZED', 'SMS', 'unknown', undefined],
		['FAX_FAILED', 'FAX', 'unknown', undefined],
	])(
		'%s, as the settings or later versions call it',
		async (eventType, channel, type, confirmation) => {
			const event = await read({ ...OPEN, eventType, channel });
			expect(event).toMatchObject({
				type,
				providerEvent: eventType,
				channel: channel.toLowerCase(),
			});
			expect(event.confirmation).toBe(confirmation);
		},
	);

	it.each(['eventType', 'trackingId', 'notificationId', 'channel', 'userId'])(
		'loses no event without %s',
		async (name) => {
			const event = await read({ ...OPEN, [name]: undefined });
			const expected = name === 'eventType' ? 'unknown' : 'notification.opened';
			expect([event.type, event.unreadable]).toEqual([
				expected,
				name === 'eventType' ? true : undefined,
			]);
		},
	);
});

describe('the token of a NotificationAPI webhook', () => {
	const { secret } = notificationApi;
	const refusal = async (url: string): Promise<string> => {
		const received = await receiveScene(notificationApi, {
			...(await notificationApi.sign()),
			url,
		});
		return received.ok ? 'accepted' : received.reason;
	};

	it.each([
		['in the query', `/hook?token=${secret}`],
		['in the query beside others', `https://n8n.example.com/hook?a=1&token=${secret}&b=2`],
		['at the end of the path', `https://n8n.example.com/hook/${secret}`],
		['at the end of the path before a query', `/hook/${secret}?a=1`],
		['with an escaped letter', `/hook/%74${secret.slice(1)}`],
	])('is accepted %s', async (_place, url) => {
		expect(await refusal(url)).toBe('accepted');
	});

	it.each([
		['there is none', 'https://n8n.example.com/', 'missing_header'],
		['it is empty', `/hook/${secret}?token=`, 'missing_header'],
		['there are two', `/hook?token=${secret}&token=${secret}`, 'missing_header'],
		['it is another', '/hook?token=wrong', 'bad_signature'],
		['the one in the query is another', `/hook/${secret}?token=wrong`, 'bad_signature'],
		['the path ends otherwise', `/${secret}/hook`, 'bad_signature'],
		['it is cut', `/hook/${secret.slice(0, -1)}`, 'bad_signature'],
		['its letters are not escaped in UTF-8', '/hook/%E0', 'missing_header'],
		['the URL is none', 'http://[', 'missing_header'],
	])('is refused when %s', async (_what, url, reason) => {
		expect(await refusal(url)).toBe(reason);
	});
});

describe('the id of a NotificationAPI event', () => {
	const idOf = async (payload: unknown, now?: number): Promise<string> =>
		(await read(payload, now)).eventId;
	const failed = { ...OPEN, eventType: 'SMS_FAILED', channel: 'SMS' };

	it('is the same for a resend, however late', async () => {
		expect(await idOf(failed, NOW + 86_400_000)).toBe(await idOf(failed));
	});

	it.each([
		['two messages', { trackingId: 'abc124' }],
		['two channels', { eventType: 'EMAIL_FAILED', channel: 'EMAIL' }],
		['two users', { userId: 'user-124' }],
		['two events of a message', { eventType: 'SMS_DELIVERED' }],
	])('differs for %s', async (_what, change) => {
		expect(await idOf({ ...failed, ...change })).not.toBe(await idOf(failed));
	});

	it.each(['OPEN', 'CLICK', 'EMAIL_OPEN', 'EMAIL_CLICK'])(
		'counts a second %s a minute later as another, within the minute as a resend',
		async (eventType) => {
			const event = { ...OPEN, eventType };
			// 09:50:00, so the minute has just begun.
			expect(await idOf(event, NOW + 59_999)).toBe(await idOf(event));
			expect(await idOf(event, NOW + 60_000)).not.toBe(await idOf(event));
		},
	);
});
