import { receive, type Received } from '@sureping/engine';
import { readEvent } from '../../support/read-event.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { SIGNED_AT } from '../../support/webhooks/scene.ts';
import { whatsapp } from '../../support/webhooks/whatsapp.ts';

const now = SIGNED_AT * 1000;

function payload(value: unknown, field = 'messages'): unknown {
	return {
		object: 'whatsapp_business_account',
		entry: [{ id: 'waba', changes: [{ value, field }] }],
	};
}

describe('setting a WhatsApp webhook up', () => {
	const ask = (query: string, verifyToken?: string): Received =>
		receive(
			'whatsapp',
			{ method: 'GET', url: `/hook?${query}`, headers: {}, body: Buffer.alloc(0) },
			[whatsapp.secret],
			{ now, ...(verifyToken !== undefined && { verifyToken }) },
		);
	const good = 'hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock';

	it('answers Meta’s challenge as plain text when the token is right', () => {
		expect(ask(good, 'meatyhamhock')).toEqual({
			ok: true,
			events: [],
			answer: { contentType: 'text/plain', body: '1158201444' },
		});
	});

	it.each([
		['another token', good, 'other'],
		['no token of ours', good, undefined],
		['an empty token of ours', 'hub.mode=subscribe&hub.challenge=1&hub.verify_token=', ''],
		['no token of theirs', 'hub.mode=subscribe&hub.challenge=1', 'meatyhamhock'],
		['two tokens', `${good}&hub.verify_token=meatyhamhock`, 'meatyhamhock'],
		['another mode', good.replace('subscribe', 'unsubscribe'), 'meatyhamhock'],
	])('is refused with %s', (_what, query, token) => {
		expect(ask(query, token)).toEqual({ ok: false, reason: 'bad_signature' });
	});

	it.each(['%3Cscript%3Ealert(1)%3C/script%3E', '', 'a'.repeat(201), '1%0d%0a2'])(
		'never repeats the challenge %s',
		(challenge) => {
			const query = good.replace('1158201444', challenge);
			expect(ask(query, 'meatyhamhock')).toEqual({ ok: false, reason: 'malformed_body' });
		},
	);
});

describe('a WhatsApp webhook', () => {
	const one = { id: 'wamid.1', timestamp: '1750263773', recipient_id: '16505551234' };

	it.each([
		['read', { type: 'notification.read', final: true }],
		['played', { type: 'notification.read', providerEvent: 'played' }],
		['deleted', { type: 'unknown', providerEvent: 'deleted', final: false }],
	])('tells of %s', async (status, expected) => {
		const event = await readEvent(whatsapp, payload({ statuses: [{ ...one, status }] }));
		expect(event).toMatchObject({ ...expected, notificationId: 'wamid.1' });
	});

	it('names the member of a group that a status is about', async () => {
		const status = { ...one, status: 'read', recipient_participant_id: '1999' };
		expect(await readEvent(whatsapp, payload({ statuses: [status] }))).toMatchObject({
			recipient: '1999',
		});
	});

	it('gives back what the message was sent with', async () => {
		const status = { ...one, status: 'sent', biz_opaque_callback_data: 'order-7' };
		expect(await readEvent(whatsapp, payload({ statuses: [status] }))).toMatchObject({
			metadata: { biz_opaque_callback_data: 'order-7' },
		});
	});

	it('keeps the good statuses of a request and passes on the others', async () => {
		const statuses = [
			{ ...one, status: 'sent' },
			{ status: 'sent' },
			7,
			{ ...one, status: 'read' },
		];
		const body = JSON.stringify(payload({ statuses, messages: [{ id: 'wamid.2', from: '1' }] }));
		const received = await receiveScene(whatsapp, await whatsapp.sign({ body }));
		expect(received.ok && received.events.map(({ type }) => type)).toEqual([
			'notification.sent',
			'notification.sent',
			'unknown',
			'notification.read',
			'notification.received',
		]);
		expect(received.ok && received.events[2]).toMatchObject({ unreadable: true, raw: 7 });
		const ids = received.ok ? received.events.map(({ eventId }) => eventId) : [];
		expect(new Set(ids).size).toBe(5);
	});

	it('loses no status for a time that is none', async () => {
		const status = { ...one, status: 'sent', timestamp: 'yesterday' };
		expect(await readEvent(whatsapp, payload({ statuses: [status] }))).toMatchObject({
			type: 'notification.sent',
			notificationId: 'wamid.1',
		});
	});

	it('names people who show a username by their id for this business', async () => {
		const userId = 'US.13491208655302741918';
		const status = {
			id: 'wamid.3',
			status: 'delivered',
			recipient_id: '',
			recipient_user_id: userId,
		};
		expect(await readEvent(whatsapp, payload({ statuses: [status] }))).toMatchObject({
			recipient: userId,
		});
		const message = { id: 'wamid.4', type: 'text', from: '', from_user_id: userId };
		expect(await readEvent(whatsapp, payload({ messages: [message] }))).toMatchObject({
			type: 'notification.received',
			recipient: userId,
		});
		const nobody = { id: 'wamid.5', status: 'sent', recipient_id: '' };
		expect(await readEvent(whatsapp, payload({ statuses: [nobody] }))).not.toHaveProperty(
			'recipient',
		);
	});

	it('takes what WhatsApp itself tells for nobody’s message', async () => {
		const system = {
			id: 'wamid.6',
			type: 'system',
			from: '1',
			system: { type: 'user_changed_number' },
		};
		expect(await readEvent(whatsapp, payload({ messages: [system] }))).toMatchObject({
			type: 'unknown',
			providerEvent: 'system',
		});
	});
});
