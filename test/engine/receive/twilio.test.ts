import { createHash } from 'node:crypto';
import { receive, type ReceivedEvent } from '@sureping/engine';
import fc from 'fast-check';
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { receivedEvent } from '../../support/webhooks/received.ts';
import { SCENE_URL, SIGNED_AT } from '../../support/webhooks/scene.ts';
import { twilio, twilioEventStreams } from '../../support/webhooks/twilio.ts';

const now = SIGNED_AT * 1000;
const message = { MessageSid: 'SM1', To: '+15550001', From: '+15550002' };
const call = { CallSid: 'CA1', To: '+15550001', From: '+15550002', Direction: 'outbound-api' };

async function readForm(form: Record<string, string>): Promise<ReceivedEvent> {
	return await receivedEvent(twilio, new URLSearchParams(form).toString());
}

describe('what Twilio’s statuses of a message mean', () => {
	it.each([
		['accepted', 'notification.queued', false],
		['scheduled', 'notification.queued', false],
		['queued', 'notification.queued', false],
		['sending', 'notification.queued', false],
		['sent', 'notification.sent', false],
		['delivered', 'notification.delivered', true],
		['undelivered', 'notification.failed', true],
		['failed', 'notification.failed', true],
		['canceled', 'notification.failed', true],
		['read', 'notification.read', true],
		['partially_delivered', 'unknown', false],
	])('%s is %s', async (word, type, final) => {
		expect(await readForm({ ...message, MessageStatus: word })).toMatchObject({
			type,
			final,
			status: word,
			providerEvent: word,
			notificationId: 'SM1',
			channel: 'sms',
			recipient: '+15550001',
			metadata: {},
		});
	});

	it('a handset confirms a delivery', async () => {
		expect(await readForm({ ...message, MessageStatus: 'delivered' })).toMatchObject({
			confirmation: 'device',
		});
		expect(await readForm({ ...message, MessageStatus: 'sent' })).not.toHaveProperty(
			'confirmation',
		);
	});

	it('WhatsApp is told by its addresses, which lose their prefix', async () => {
		const form = { MessageSid: 'SM1', To: 'whatsapp:+15550001', From: 'whatsapp:+15550002' };
		expect(await readForm({ ...form, MessageStatus: 'read' })).toMatchObject({
			channel: 'whatsapp',
			recipient: '+15550001',
		});
	});

	it('an error has its code, and where it is explained', async () => {
		const failed = { ...message, MessageStatus: 'undelivered', ErrorCode: '30008' };
		expect((await readForm(failed)).error).toEqual({
			code: '30008',
			message: 'https://www.twilio.com/docs/api/errors/30008',
		});
		expect((await readForm({ ...failed, ErrorMessage: 'Unknown error' })).error).toEqual({
			code: '30008',
			message: 'Unknown error',
		});
		expect(await readForm({ ...failed, ErrorCode: '' })).not.toHaveProperty('error');
	});

	it('a message that came in is from the one who wrote it', async () => {
		const inbound = { SmsMessageSid: 'SM1', SmsStatus: 'received', Body: 'Yes', NumMedia: '0' };
		expect(await readForm({ ...message, ...inbound })).toMatchObject({
			type: 'notification.received',
			recipient: '+15550002',
			raw: { Body: 'Yes' },
		});
	});

	it('has another id for another status or error, and the same for a resend', async () => {
		const id = async (form: Record<string, string>) =>
			(await readForm({ ...message, ...form })).eventId;
		const sent = await id({ MessageStatus: 'sent' });
		expect(await id({ To: message.To, MessageStatus: 'sent' })).toBe(sent);
		expect(await id({ MessageStatus: 'delivered' })).not.toBe(sent);
		expect(await id({ MessageStatus: 'failed', ErrorCode: '30003' })).not.toBe(
			await id({ MessageStatus: 'failed', ErrorCode: '30005' }),
		);
		expect(await id({ MessageStatus: 'sent', MessageSid: 'SM2' })).not.toBe(sent);
	});

	it.each([
		['messenger:1', 'messenger', '1'],
		['rcs:+15550001', 'rcs', '+15550001'],
		['other:1', 'sms', 'other:1'],
	])('to %s is by %s', async (To, channel, recipient) => {
		const form = { MessageSid: 'SM1', From: 'x', MessageStatus: 'delivered', To };
		expect(await readForm(form)).toMatchObject({ channel, recipient });
	});

	it('a form without parameters comes through', async () => {
		expect(await receiveScene(twilio, await twilio.sign({ body: '' }))).toMatchObject({
			ok: true,
			events: [{ type: 'unknown', unreadable: true, raw: '' }],
		});
	});
});

describe('what else Twilio calls a webhook for', () => {
	it.each([
		[{ CallSid: 'CA1', AnsweredBy: 'human', MachineDetectionDuration: '1200' }, 'CA1', undefined],
		[{ CallSid: 'CA1', RecordingSid: 'RE1', RecordingStatus: 'completed' }, 'CA1', undefined],
		[{ ConversationSid: 'CH1', EventType: 'onMessageAdded' }, 'CH1', 'onMessageAdded'],
		[{ ConferenceSid: 'CF1', StatusCallbackEvent: 'join' }, 'CF1', 'join'],
		[{ MessageSid: 'SM1' }, 'SM1', undefined],
	])('comes through: %j', async (form, notificationId, providerEvent) => {
		const event = await readForm({ AccountSid: 'AC1', ...form });
		expect(event).toMatchObject({ type: 'unknown', notificationId, raw: form });
		expect(event.providerEvent).toBe(providerEvent);
	});

	it('is about itself where it names nothing', async () => {
		const event = await readForm({ AccountSid: 'AC1' });
		expect(event.notificationId).toBe(event.eventId);
	});
});

describe('what Twilio’s statuses of a call mean', () => {
	it.each([
		['queued', 'notification.queued'],
		['initiated', 'notification.queued'],
		['ringing', 'notification.sent'],
		['in-progress', 'notification.sent'],
		['completed', 'notification.delivered'],
		['busy', 'notification.failed'],
		['no-answer', 'notification.failed'],
		['canceled', 'notification.failed'],
		['failed', 'notification.failed'],
	])('%s is %s', async (word, type) => {
		const event = await readForm({
			...call,
			CallStatus: word,
			Timestamp: 'Mon, 15 Jan 2024 09:49:00 +0000',
		});
		expect(event).toMatchObject({
			type,
			status: word,
			channel: 'call',
			notificationId: 'CA1',
			recipient: '+15550001',
			occurredAt: '2024-01-15T09:49:00.000Z',
		});
		if (type === 'notification.failed') expect(event.error?.code).toBe(word);
		else expect(event).not.toHaveProperty('error');
	});

	it.each([
		[undefined, 'service'],
		['human', 'device'],
		['machine_start', 'service'],
		['unknown', 'service'],
	])('a call that %s answered is confirmed by the %s', async (answeredBy, confirmation) => {
		const form = {
			...call,
			CallStatus: 'completed',
			...(answeredBy && { AnsweredBy: answeredBy }),
		};
		expect(await readForm(form)).toMatchObject({ confirmation });
	});

	it('digits that were pressed twice are two events, and a resend is none', async () => {
		const gather = { ...call, CallStatus: 'in-progress' };
		const [one, two] = [
			{ ...gather, Digits: '1' },
			{ ...gather, Digits: '2' },
		];
		expect((await readForm(one)).eventId).not.toBe((await readForm(two)).eventId);
		expect((await readForm(one)).eventId).toBe((await readForm(one)).eventId);
	});

	it('a call that comes in is no delivery', async () => {
		const form = { ...call, CallStatus: 'completed', Direction: 'inbound' };
		expect(await readForm(form)).toMatchObject({ type: 'unknown', providerEvent: 'completed' });
	});
});

describe('Twilio’s Event Streams', () => {
	const event = (word: string, data: object = {}) => ({
		specversion: '1.0',
		type: `com.twilio.messaging.${word}`,
		id: `EZ-${word}`,
		data: { messageSid: 'SM1', from: '+15550002', to: '+15550001', ...data },
	});

	it('are one event or a list, of which a bad entry does not lose the others', async () => {
		const list = [event('message.sent'), { id: 'EZ2' }, null, event('message.delivered')];
		const body = JSON.stringify(list);
		expect(
			await receiveScene(twilioEventStreams, await twilioEventStreams.sign({ body })),
		).toMatchObject({
			ok: true,
			events: [
				{ type: 'notification.sent' },
				{ type: 'unknown', unreadable: true, raw: { id: 'EZ2' } },
				{ type: 'unknown', unreadable: true, raw: null },
				{ type: 'notification.delivered' },
			],
		});
		expect(await receivedEvent(twilioEventStreams, event('message.sent'))).toMatchObject({
			eventId: 'EZ-message.sent',
			notificationId: 'SM1',
		});
	});

	it('tell an error, tags, and who wrote', async () => {
		const failed = event('message.undelivered', { errorCode: 30008, tags: { order: '7' } });
		expect(await receivedEvent(twilioEventStreams, failed)).toMatchObject({
			type: 'notification.failed',
			error: { code: '30008' },
			metadata: { order: '7' },
		});
		const inbound = event('inbound-message.received', { from: 'whatsapp:+15550003' });
		expect(await receivedEvent(twilioEventStreams, inbound)).toMatchObject({
			type: 'notification.received',
			channel: 'whatsapp',
			recipient: '+15550003',
		});
	});

	it('pass types through that are of no message', async () => {
		const other = { ...event('x'), type: 'com.twilio.voice.status-callback.amd.detected' };
		expect(await receivedEvent(twilioEventStreams, other)).toMatchObject({
			type: 'unknown',
			providerEvent: 'com.twilio.voice.status-callback.amd.detected',
		});
	});
});

describe('X-Twilio-Signature', () => {
	const verdict = (url: string, body: string, signature: string): boolean =>
		receive(
			'twilio',
			{
				method: 'POST',
				url,
				headers: {
					'content-type': 'application/x-www-form-urlencoded',
					'x-twilio-signature': signature,
				},
				body: Buffer.from(body),
			},
			[twilio.secret],
			{ now },
		).ok;

	it('covers the parameters in whatever order they come', async () => {
		const { headers } = await twilio.sign();
		const shuffled = [...new URLSearchParams(twilio.body)].reverse();
		const body = new URLSearchParams(shuffled).toString();
		expect(body).not.toBe(twilio.body);
		expect(verdict(SCENE_URL, body, headers['x-twilio-signature'] ?? '')).toBe(true);
		const tampered = body.replace('sent', 'read');
		expect(verdict(SCENE_URL, tampered, headers['x-twilio-signature'] ?? '')).toBe(false);
	});

	it('covers a parameter whatever its name, as Twilio’s package does', async () => {
		const body = 'MessageSid=SM1&MessageStatus=sent&interactionSid=KI1&custom.name=x';
		const { headers } = await twilio.sign({ body });
		expect(verdict(SCENE_URL, body, headers['x-twilio-signature'] ?? '')).toBe(true);
	});

	it('does not let what is no pair be read as one', async () => {
		const { headers } = await twilio.sign({ body: 'MessageSid=SM1&MessageStatus=undelivered' });
		const signature = headers['x-twilio-signature'] ?? '';
		for (const body of [
			'MessageSid=SM1&MessageStatusundelivered',
			'MessageSid=SM1&MessageStatus=un&delivered',
		]) {
			expect(verdict(SCENE_URL, body, signature)).toBe(false);
		}
	});

	it('is the same event wherever its borders are drawn', async () => {
		const genuine =
			'AccountSid=AC1&Body=hiMessageSidSMvictimMessageStatusdeliveredTo&From=%2B1222&MessageSid=SM9&SmsStatus=received&To=%2B1333';
		const { headers } = await twilio.sign({ body: genuine, url: `${SCENE_URL}?Aa=1` });
		const eventOf = (body: string, url = `${SCENE_URL}?Aa=1`): ReceivedEvent | undefined => {
			const request = { method: 'POST', url, headers, body: Buffer.from(body) };
			const received = receive('twilio', request, [twilio.secret], { now });
			return received.ok ? received.events[0] : undefined;
		};
		const { eventId } = eventOf(genuine) ?? {};
		expect(eventId).toBeDefined();
		const recuts = [
			// A message's own text made a status of another message.
			eventOf(
				'AccountSid=AC1&Body=hi&MessageSid=SMvictim&MessageStatus=delivered&To=From%2B1222MessageSidSM9SmsStatusreceivedTo%2B1333',
			)?.eventId,
			// The first parameter made a part of the URL's query.
			eventOf(genuine.slice('AccountSid=AC1&'.length), `${SCENE_URL}?Aa=1AccountSidAC1`)?.eventId,
			// The query made a parameter.
			eventOf(`Aa=%3D1AccountSidAC1&${genuine.slice('AccountSid=AC1&'.length)}`, `${SCENE_URL}?`)
				?.eventId,
		];
		expect(recuts).toEqual([eventId, eventId, eventId]);
	});

	it('takes no text for an id or a status that has another form than theirs', async () => {
		const long = `SM${'0'.repeat(32)}`;
		expect(
			await readForm({ MessageSid: `${long}MessageStatus`, MessageStatus: 'sent' }),
		).toMatchObject({
			type: 'unknown',
		});
		expect(await readForm({ MessageSid: long, MessageStatus: 'sentTo+1' })).toMatchObject({
			type: 'unknown',
			notificationId: long,
		});
	});

	it('does not let a form become JSON by a hash that somebody wrote into a message', () => {
		const forged = JSON.stringify({
			specversion: '1.0',
			type: 'com.twilio.messaging.message.delivered',
			id: 'EZ1',
			data: { messageSid: 'SMvictim' },
		});
		const hash = createHash('sha256').update(forged).digest('hex');
		const url = `${SCENE_URL}?k=1`;
		for (const [text, tail] of [
			[`&bodySHA256=${hash}&z=`, ''],
			[`&bodySHA256=${hash}#`, ''],
			[`&bodySHA256=x`, `&bodySHA256=${hash}`],
		] as const) {
			const form = {
				AccountSid: 'AC1',
				Body: text,
				From: '+1222',
				MessageSid: 'SM9',
				To: `+1${tail}`,
			};
			const signature = getExpectedTwilioSignature(twilio.secret, url, form);
			const moved = url + Object.entries(form).flat().join('');
			const request = {
				method: 'POST',
				url: moved,
				headers: { 'content-type': 'application/json', 'x-twilio-signature': signature },
				body: Buffer.from(forged),
			};
			// It is the same signature.
			expect(getExpectedTwilioSignature(twilio.secret, moved, {})).toBe(signature);
			expect(receive('twilio', request, [twilio.secret], { now })).toEqual({
				ok: false,
				reason: 'bad_signature',
			});
		}
	});

	it('counts a parameter that came twice with the same value once', async () => {
		const body = 'MessageSid=SM1&MessageStatus=sent&Tag=b&Tag=a&Tag=b';
		const signature = getExpectedTwilioSignature(twilio.secret, SCENE_URL, {
			MessageSid: 'SM1',
			MessageStatus: 'sent',
			Tag: ['b', 'a', 'b'],
		});
		expect(verdict(SCENE_URL, body, signature)).toBe(true);
	});

	it.each([
		['https://example.com/hook', 'https://example.com:443/hook'],
		['https://example.com:443/hook', 'https://example.com/hook'],
		['https://example.com:8443/hook', 'https://example.com/hook'],
		['http://example.com/hook?a=1', 'http://example.com:80/hook?a=1'],
		["https://example.com/hook?q=it's", "https://example.com/hook?q=it's"],
		["https://example.com/hook?q=it's", 'https://example.com/hook?q=it%27s'],
		['https://example.com/hook?q=it%27s', "https://example.com/hook?q=it's"],
		['https://example.com/hook?a=1&b=2&a=3', 'https://example.com/hook?a=1&a=3&b=2'],
		['https://user:pw@example.com/hook', 'https://user:pw@example.com:443/hook'],
		['https://[::1]/hook', 'https://[::1]:443/hook'],
	])('is found at %s when it was made for %s', (url, signed) => {
		const signature = getExpectedTwilioSignature(twilio.secret, signed, { MessageSid: 'SM1' });
		const body = 'MessageSid=SM1&MessageStatus=sent';
		const full = getExpectedTwilioSignature(twilio.secret, signed, {
			MessageSid: 'SM1',
			MessageStatus: 'sent',
		});
		expect(verdict(url, body, full)).toBe(true);
		expect(verdict(url, body, signature)).toBe(false);
	});

	it('is judged as Twilio’s own package judges it, for any URL', () => {
		fc.assert(
			fc.property(
				fc.webUrl({ withQueryParameters: true, withFragments: false }),
				fc.constantFrom('', ':443', ':80', ':8443'),
				fc.constantFrom('', "?q=it's", '?q=a+b&q=%27', '?x=%FF&&y'),
				(base, port, query) => {
					const signed = base.replace(/^(\w+:\/\/[^/?:]+)(:\d+)?/, `$1${port}`) + query;
					const form = { MessageSid: 'SM1', MessageStatus: 'sent' };
					const signature = getExpectedTwilioSignature(twilio.secret, signed, form);
					for (const url of [signed, base, base + query]) {
						const expected = validateRequest(twilio.secret, signature, url, form);
						expect(verdict(url, new URLSearchParams(form).toString(), signature)).toBe(expected);
					}
				},
			),
			{ numRuns: 1_000 },
		);
	});

	it('needs the hash of the body in the URL where the body is JSON', async () => {
		const { body } = await twilioEventStreams.sign();
		const signature = getExpectedTwilioSignature(twilio.secret, SCENE_URL, {});
		const at = (url: string, signed: string): boolean =>
			receive(
				'twilio',
				{
					method: 'POST',
					url,
					headers: { 'content-type': 'application/json', 'x-twilio-signature': signed },
					body,
				},
				[twilio.secret],
				{ now },
			).ok;
		expect(at(SCENE_URL, signature)).toBe(false);
		for (const hash of ['', 'x', 'f'.repeat(64)]) {
			const url = `${SCENE_URL}?bodySHA256=${hash}`;
			expect(at(url, getExpectedTwilioSignature(twilio.secret, url, {}))).toBe(false);
		}
	});

	it('says nothing as a form that was signed as JSON', async () => {
		const text = 'x=&MessageSid=SMvictim&MessageStatus=delivered&To=%2B1333&y=';
		const sent = {
			type: 'com.twilio.messaging.message.sent',
			id: 'EZ1',
			data: { messageSid: 'SM1', body: text },
		};
		const body = JSON.stringify([sent]);
		const request = await twilioEventStreams.sign({ body });
		const meaning = receive('twilio', request, [twilio.secret], { now });
		expect(meaning).toMatchObject({ ok: true, events: [{ notificationId: 'SM1', raw: sent }] });
		for (const type of [
			'application/x-www-form-urlencoded',
			'APPLICATION/X-WWW-FORM-URLENCODED; a=b',
		]) {
			const headers = { ...request.headers, 'content-type': type };
			const named = receive('twilio', { ...request, headers }, [twilio.secret], { now });
			expect(named).toEqual(meaning);
		}
	});

	it('is refused at a URL without an origin', async () => {
		const { headers } = await twilio.sign();
		expect(verdict('/webhook', twilio.body, headers['x-twilio-signature'] ?? '')).toBe(false);
	});
});
