import { readEvent } from '../../support/read-event.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { SIGNED_AT } from '../../support/webhooks/index.ts';
import { onePush } from '../../support/webhooks/onepush.ts';

const read = (payload: unknown) => readEvent(onePush, payload);

describe('reading a OnePush webhook', () => {
	it.each([
		['email.sent', 'notification.sent', false],
		['email.delivered', 'notification.delivered', true],
		['email.delivery', 'notification.delivered', true],
		['email.opened', 'notification.opened', false],
		['email.open', 'notification.opened', false],
		['email.clicked', 'notification.clicked', false],
		['email.click', 'notification.clicked', false],
		['email.link_clicked', 'notification.clicked', false],
		['email.bounced', 'notification.bounced', true],
		['email.bounce', 'notification.bounced', true],
		['email.complained', 'notification.complained', false],
		['email.complaint', 'notification.complained', false],
		['email.spam_complaint', 'notification.complained', false],
		['email.unsubscribed', 'notification.unsubscribed', false],
		['email.unsubscribe', 'notification.unsubscribed', false],
		['email.snoozed', 'unknown', false],
		['constructor', 'unknown', false],
	])('%s is %s', async (word, type, final) => {
		expect(await read({ type: word })).toMatchObject({ type, final, providerEvent: word });
	});

	it.each([
		['flat', { email_id: 'em_1', to: 'a@example.com', timestamp: '2025-03-08T10:00:00Z' }],
		['under data', { data: { id: 'em_1', email: 'a@example.com', createdAt: 1_741_428_000 } }],
		[
			'with an id of its own',
			{
				id: 'x',
				created_at: 1_741_428_000_000,
				data: { message_id: 'em_1', to: ['a@example.com'] },
			},
		],
	])('finds the facts of a payload that is %s', async (_shape, facts) => {
		expect(await read({ type: 'email.delivered', ...facts })).toMatchObject({
			notificationId: 'em_1',
			recipient: 'a@example.com',
			occurredAt: '2025-03-08T10:00:00.000Z',
			confirmation: 'service',
		});
	});

	it('leaves out what is not said, and takes the time of receipt', async () => {
		const event = await read({ type: 'email.bounced' });
		for (const absent of ['recipient', 'bounceType', 'error', 'confirmation', 'link']) {
			expect(event).not.toHaveProperty(absent);
		}
		expect(event.occurredAt).toBe(new Date(SIGNED_AT * 1000).toISOString());
		expect(event.notificationId).toBe(event.eventId);
	});

	it.each(['hard', 'soft'])('tells a %s bounce and its reason', async (bounceType) => {
		expect(
			await read({
				type: 'email.bounced',
				data: { bounce_type: bounceType, reason: 'Mailbox full' },
			}),
		).toMatchObject({ bounceType, error: { code: 'NOT_DELIVERED', message: 'Mailbox full' } });
	});

	it('gives the clicked link', async () => {
		expect(
			await read({ type: 'email.clicked', data: { url: 'https://example.com/a' } }),
		).toMatchObject({
			link: 'https://example.com/a',
		});
	});

	it.each([
		['no type', {}],
		['a type that is no text', { type: 7 }],
		['a list', [{ type: 'email.sent' }]],
	])('cannot be read with %s, and comes through', async (_what, raw) => {
		expect(await read(raw)).toMatchObject({ type: 'unknown', unreadable: true, raw });
	});
});

describe('the signature of a OnePush webhook', () => {
	it('may be of the body as the sample writes it again', async () => {
		const payload = { type: 'email.opened', to: 'ä@example.com' };
		const signed = await onePush.sign({ body: JSON.stringify(payload) });
		const spaced = Buffer.from(JSON.stringify(payload, null, 2));
		const [asSigned, asSpaced] = [
			await receiveScene(onePush, signed),
			await receiveScene(onePush, { ...signed, body: spaced }),
		];
		expect(asSpaced).toMatchObject({ ok: true });
		expect(asSpaced).toEqual(asSigned);
	});

	it('takes a body that nests deeper than it can be written again as its text', async () => {
		const body = `{"type":"email.opened","data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
		const signed = await onePush.sign({ body });
		expect(await receiveScene(onePush, signed)).toMatchObject({
			ok: true,
			events: [{ unreadable: true, raw: body }],
		});
		const headers = { ...signed.headers, 'x-onepush-signature': '0'.repeat(64) };
		expect(await receiveScene(onePush, { ...signed, headers })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
	});
});

describe('the id of a OnePush event', () => {
	it('is the one that it brings', async () => {
		expect(await read({ type: 'email.opened', event_id: 'evt_1' })).toMatchObject({
			eventId: 'evt_1',
		});
	});

	it('is otherwise the same for a resend and another for any other body', async () => {
		const opened = { type: 'email.opened', id: 'em_1' };
		const { eventId } = await read(opened);
		expect(eventId).toMatch(/^onepush_[0-9a-f]{32}$/);
		expect((await read(opened)).eventId).toBe(eventId);
		expect((await read({ ...opened, type: 'email.delivered' })).eventId).not.toBe(eventId);
		expect((await read({ ...opened, to: 'b@example.com' })).eventId).not.toBe(eventId);
	});
});
