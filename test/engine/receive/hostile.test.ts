import { createHmac } from 'node:crypto';
import {
	forwardedEvent,
	type RawRequest,
	receive,
	type ReceivedEvent,
	signingKey,
	signOnePing,
} from '@sureping/engine';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { genericStatic } from '../../support/webhooks/generic.ts';
import { mailgun } from '../../support/webhooks/mailgun.ts';
import { messagebird } from '../../support/webhooks/messagebird.ts';
import { onePing } from '../../support/webhooks/one-ping.ts';
import { postmark } from '../../support/webhooks/postmark.ts';
import { receivedEvent, receivedEvents } from '../../support/webhooks/received.ts';
import { resend } from '../../support/webhooks/resend.ts';
import { SCENE_URL, type Scene, SIGNED_AT } from '../../support/webhooks/scene.ts';
import { sendgrid } from '../../support/webhooks/sendgrid.ts';
import { ses, snsRequest } from '../../support/webhooks/ses.ts';
import { slackForm } from '../../support/webhooks/slack.ts';
import { standardWebhooks } from '../../support/webhooks/standard-webhooks.ts';
import { SCENES } from '../../support/webhooks/index.ts';
import { stripe } from '../../support/webhooks/stripe.ts';
import { telegram } from '../../support/webhooks/telegram.ts';
import { twilio, twilioEventStreams } from '../../support/webhooks/twilio.ts';
import { vonage, vonageReceipt } from '../../support/webhooks/vonage.ts';
import { whatsapp } from '../../support/webhooks/whatsapp.ts';
import { leastCost } from '../../support/least-cost.ts';

const now = SIGNED_AT * 1000;
const MIB = 2 ** 20;
const FORM = 'application/x-www-form-urlencoded';

/** Without the one that takes its payload apart to sign it, and so cannot carry everything. */
const JSON_SCENES = SCENES.filter((scene) => /^[[{]/.test(scene.body) && scene !== vonageReceipt);

/** The scene's payload with one more member in its outermost object, or in the first of its list. */
function withMember(body: string, member: string): string {
	return body.replace('{', `{${member},`);
}

describe.each(JSON_SCENES.map((scene) => [scene.title, scene] as const))('%s', (_, scene) => {
	const read = async (body: string) => await receiveScene(scene, await scene.sign({ body }));
	it('takes what nests too deep to be written again as its text', async () => {
		for (const levels of [200, 400_000]) {
			const deep = `"deep":${'['.repeat(levels)}${']'.repeat(levels)}`;
			const received = await read(withMember(scene.body, deep));
			expect(received).toMatchObject({ ok: true, events: [{ type: 'unknown', unreadable: true }] });
			expect(() => JSON.stringify(received)).not.toThrow();
		}
	});

	it('does not lose an event for a member that objects have by nature', async () => {
		const received = await read(withMember(scene.body, '"constructor":"x","toString":"y"'));
		expect(received).toMatchObject({ ok: true });
		for (const event of received.ok ? received.events : []) {
			expect(event).not.toHaveProperty('unreadable');
		}
	});

	it('takes no fact from a member __proto__, however it is written', async () => {
		const facts = JSON.stringify({
			recipient: {},
			channel: {},
			reason: {},
			To: {},
			link: {},
			status: {},
		});
		for (const name of ['__proto__', '\\u005f_proto__', '__\\u0070roto__']) {
			const received = await read(withMember(scene.body, `"${name}":${facts}`));
			expect(received).toMatchObject({ ok: true });
			for (const event of received.ok ? received.events : []) {
				expect(Object.getPrototypeOf(event.raw)).toBe(Object.prototype);
				for (const fact of ['recipient', 'channel', 'link', 'status'] as const) {
					expect(['string', 'undefined']).toContain(typeof event[fact]);
				}
			}
		}
	});
});

describe('a sender’s own names', () => {
	const own = JSON.parse('{"constructor":"x","hasOwnProperty":"y"}') as Record<string, unknown>; // just written
	const delivered = { messageSid: 'SM1', tags: own };

	it.each<[string, Scene, unknown]>([
		['One-Ping', onePing, { ...JSON.parse(onePing.body), metadata: own }],
		['Mailgun', mailgun, { ...JSON.parse(mailgun.body), 'user-variables': own }],
		['Postmark', postmark, { ...JSON.parse(postmark.body), Metadata: own }],
		['SendGrid', sendgrid, [{ ...JSON.parse(sendgrid.body)[0], custom_args: own }]],
		['Resend', resend, { type: 'email.sent', data: { email_id: 'm', tags: own } }],
		[
			'Standard Webhooks',
			standardWebhooks,
			{ type: 'message.sent', data: { id: 'm', metadata: own } },
		],
		['Twilio', twilioEventStreams, { specversion: '1.0', type: 'x', id: 'EZ1', data: delivered }],
	])('of %s become metadata, whatever they are', async (_, scene, payload) => {
		const [event] = await receivedEvents(scene, payload);
		expect(event?.metadata).toMatchObject({ constructor: 'x', hasOwnProperty: 'y' });
	});
});

describe('what a runner passes on', () => {
	const forward = (event: ReceivedEvent): string => {
		const body = JSON.stringify(forwardedEvent(event, 'mail', 'evt_1'));
		const signed = Object.entries(signOnePing(signingKey('secret'), body, now));
		const request: RawRequest = {
			method: 'POST',
			url: '/',
			headers: Object.fromEntries(signed.map(([name, value]) => [name.toLowerCase(), value])),
			body: Buffer.from(body),
		};
		const received = receive('sureping', request, ['secret'], { now });
		return received.ok ? (received.events[0]?.provider ?? '') : received.reason;
	};

	it.each<[string, Scene, unknown]>([
		['mailgun', mailgun, { event: 'unsubscribed', id: 'i', timestamp: 1 }],
		['postmark', postmark, { RecordType: 'SubscriptionChange', MessageID: '' }],
		['sendgrid', sendgrid, [{ event: 'x', sg_event_id: 'e', timestamp: 1 }]],
		['twilio', twilioEventStreams, { specversion: '1.0', type: 'x', id: 'EZ1', data: {} }],
		['messagebird', messagebird, { type: 'x' }],
	])('of %s may be about no message: then it is about itself', async (provider, scene, payload) => {
		const event = await receivedEvent(scene, payload);
		expect(event.notificationId).toBe(event.eventId);
		expect(forward(event)).toBe(provider);
	});

	it('may have members in its payload and metadata that objects have by nature', async () => {
		const [event] = await receivedEvents(sendgrid, [
			{ ...JSON.parse(sendgrid.body)[0], constructor: 'x' },
		]);
		expect(event?.metadata).toMatchObject({ constructor: 'x' });
		expect(event && forward(event)).toBe('sendgrid');
	});
});

/** Bodies that nobody has signed, which cost as little as the size of them allows. */
describe('an unsigned request of 4 MiB', () => {
	let hmacs = 0;
	const costOf = (request: RawRequest, scene: Scene, enough = 0): Promise<number> =>
		leastCost(enough, () => {
			hmacs += receive(scene.provider, request, [scene.secret], { now }).ok ? 1 : 0;
		});
	const post = (headers: Record<string, string>, body: string): RawRequest => ({
		method: 'POST',
		url: SCENE_URL,
		headers,
		body: Buffer.from(body),
	});
	const manyPairs = Array.from({ length: 4 * (MIB / 16) }, (_, i) => `A${i * 7919}=x`).join('&');

	it('is not split into more pairs than a form has', async () => {
		const signature = `${'A'.repeat(27)}=`;
		const toTwilio = post({ 'content-type': FORM, 'x-twilio-signature': signature }, manyPairs);
		const sig = 'a'.repeat(64);
		const toVonage = post(
			{ 'content-type': FORM },
			`sig=${sig}&timestamp=${SIGNED_AT}&${manyPairs}`,
		);
		// Splitting and sorting that many takes seconds.
		expect(await costOf(toTwilio, twilio, 100)).toBeLessThan(100);
		expect(await costOf(toVonage, vonage, 100)).toBeLessThan(100);
		expect(hmacs).toBe(0);
	});

	it('is digested once for each secret, however many signatures are claimed', async () => {
		const hex = 'a'.repeat(64);
		const base64 = Buffer.alloc(32, 1).toString('base64');
		const body = ' '.repeat(4 * MIB);
		const toStripe = (count: number): RawRequest => {
			const claims = Array(count).fill(`v1=${hex}`).join(',');
			return post({ 'stripe-signature': `t=${SIGNED_AT},${claims}` }, body);
		};
		const toStandard = (count: number): RawRequest => {
			const signature = Array(count).fill(`v1,${base64}`).join(' ');
			const [id, timestamp] = ['msg_1', String(SIGNED_AT)];
			return post(
				{ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature },
				body,
			);
		};
		for (const [scene, make] of [
			[stripe, toStripe],
			[standardWebhooks, toStandard],
		] as const) {
			const most = (await costOf(make(1), scene)) * 5 + 10;
			expect(await costOf(make(15), scene, most)).toBeLessThan(most);
		}
	});

	it('does not overflow the stack with a certificate’s URL', () => {
		const url = `https://sns.us-west-2.amazonaws.com${'/a'.repeat(2 * MIB)}`;
		const envelope = { SignatureVersion: '1', Signature: 'AAAA', SigningCertURL: url };
		expect(receive('ses', snsRequest(envelope), [ses.secret], { now })).toEqual({
			ok: false,
			reason: 'malformed_signature',
		});
	});
});

it('takes a form of up to a thousand parameters, and no more', async () => {
	const verdict = async (count: number): Promise<boolean> => {
		const pairs = Array.from({ length: count }, (_, i) => `A${i}=x`).join('&');
		return (await receiveScene(twilio, await twilio.sign({ body: pairs }))).ok;
	};
	expect([await verdict(1000), await verdict(1001)]).toEqual([true, false]);
	const fields = `payload=${encodeURIComponent('{"type":"x"}')}${'&a=b'.repeat(1000)}`;
	expect(await receiveScene(slackForm, await slackForm.sign({ body: fields }))).toMatchObject({
		ok: true,
		events: [{ type: 'unknown', unreadable: true, raw: fields }],
	});
});

it('accepts at most four ed25519 signatures, of which each is a pass over the body', () => {
	const signature = (count: number): string =>
		Array(count)
			.fill(`v1a,${Buffer.alloc(64, 1).toString('base64')}`)
			.join(' ');
	const verdict = (count: number) => {
		const headers = {
			'webhook-id': 'msg_1',
			'webhook-timestamp': String(SIGNED_AT),
			'webhook-signature': signature(count),
		};
		const request = { method: 'POST', url: '/', headers, body: Buffer.from('{}') };
		return receive('standard-webhooks', request, [standardWebhooks.secret], { now });
	};
	expect(verdict(4)).toMatchObject({ reason: 'bad_signature' });
	expect(verdict(5)).toMatchObject({ reason: 'malformed_signature' });
});

describe('a clock or a tolerance that is no number', () => {
	it('lets nothing pass', async () => {
		const request = await stripe.sign({ at: SIGNED_AT });
		const verdict = (options: { now: number; toleranceS?: number }) =>
			receive('stripe', request, [stripe.secret], options);
		expect(verdict({ now })).toMatchObject({ ok: true });
		expect(verdict({ now: Number.NaN })).toMatchObject({ reason: 'stale' });
		expect(verdict({ now, toleranceS: Number.NaN })).toMatchObject({ reason: 'stale' });
	});
});

describe('entries that are none', () => {
	const status = { id: 'wamid.1', status: 'delivered', timestamp: String(SIGNED_AT) };
	const good = { id: '1', changes: [{ field: 'messages', value: { statuses: [status] } }] };

	it.each([
		['an entry without changes', { id: '1', messaging: [] }, 1],
		['no entry', null, 1],
		['a change that is none', { id: '1', changes: ['x'] }, 1],
		['lists that are none', { id: '1', changes: [{ value: { statuses: {}, messages: 1 } }] }, 0],
		['a value that is none', { id: '1', changes: [{ field: 'x', value: 'y' }] }, 0],
	])('of WhatsApp lose none of the others: %s', async (_, bad, malformed) => {
		const body = JSON.stringify({ entry: [bad, good] });
		const received = await receiveScene(whatsapp, await whatsapp.sign({ body }));
		const events = received.ok ? received.events : [];
		expect(events.at(-1)).toMatchObject({ type: 'notification.delivered' });
		expect(events.filter((event) => event.unreadable)).toHaveLength(malformed);
	});

	it.each([
		['status', 200],
		['type', 5],
		['attempt', 'many'],
		['reason', {}],
		['custom_args', 'x'],
		['sg_machine_open', 'yes'],
	])('of SendGrid may have an argument of the sender’s called %s', async (name, value) => {
		const event = { ...JSON.parse(sendgrid.body)[0], [name]: value };
		expect(await receivedEvents(sendgrid, [event])).toHaveLength(1);
	});

	it('of Telegram and Vonage are passed on where a fact has another form', async () => {
		const update = { update_id: 1, message: { message_id: 'x', chat: 5 } };
		expect(await receivedEvent(telegram, update)).toMatchObject({ eventId: '1' });
		const failed = { message_uuid: 'm', status: 'rejected', error: null, to: 5 };
		expect(await receivedEvent(vonage, failed)).toMatchObject({ type: 'notification.failed' });
	});
});

describe('two events that differ in little', () => {
	const idOf = async (scene: Scene, payload: unknown): Promise<string> =>
		(await receivedEvent(scene, payload)).eventId;

	it('are two changes of a WhatsApp template where Meta noticed them at two times', async () => {
		const changes = [{ field: 'message_template_status_update', value: { event: 'APPROVED' } }];
		const at = (time: number) => ({ entry: [{ id: '1', time, changes }] });
		expect(await idOf(whatsapp, at(SIGNED_AT))).not.toBe(await idOf(whatsapp, at(SIGNED_AT + 1)));
		expect(await idOf(whatsapp, at(SIGNED_AT))).toBe(await idOf(whatsapp, at(SIGNED_AT)));
		expect(await receivedEvent(whatsapp, at(SIGNED_AT))).toMatchObject({
			occurredAt: new Date(now).toISOString(),
		});
	});

	it.each(['opened', 'clicked', 'read'])('are two of One-Ping’s %s', async (word) => {
		const event = {
			...JSON.parse(onePing.body),
			event: `notification.${word}`,
			timestamp: '2024-01-15T09:50:00Z',
			link: 'https://example.com/a',
		};
		const id = await idOf(onePing, event);
		expect(await idOf(onePing, { ...event, timestamp: '2024-01-15T09:55:00Z' })).not.toBe(id);
		expect(await idOf(onePing, { ...event, link: 'https://example.com/b' })).not.toBe(id);
		expect(await idOf(onePing, event)).toBe(id);
	});

	it('are one of One-Ping’s deliveries, whose time its retry may write anew', async () => {
		const event = { ...JSON.parse(onePing.body), timestamp: '2024-01-15T09:50:00Z' };
		const later = { ...event, timestamp: '2024-01-15T09:55:00Z' };
		expect(await idOf(onePing, later)).toBe(await idOf(onePing, event));
	});

	it('are two of an unknown provider that gives neither an id nor a time', async () => {
		const event = (attempt: number) => ({ event: 'deferred', data: { id: 'm', attempt } });
		expect(await idOf(genericStatic, event(1))).not.toBe(await idOf(genericStatic, event(2)));
		expect(await idOf(genericStatic, event(1))).toBe(await idOf(genericStatic, event(1)));
	});
});

it('has no key of no bytes, with which anybody could sign', () => {
	const body = Buffer.from(JSON.stringify({ event: 'ok', data: { id: 'm' } }));
	const signature = createHmac('sha256', Buffer.alloc(0)).update(body).digest('hex');
	const rules = {
		algorithm: 'sha256',
		encoding: 'hex',
		signatureHeader: 'x-s',
		signedContent: '{body}',
		secretEncoding: 'base64',
		fields: { type: 'event', notificationId: 'data.id' },
		types: {},
	} as const;
	for (const secret of ['A', 'A=', 'A==']) {
		const request = { method: 'POST', url: '/', headers: { 'x-s': signature }, body };
		expect(receive('generic', request, [secret], { now, generic: rules })).toMatchObject({
			reason: 'bad_signature',
		});
	}
});
