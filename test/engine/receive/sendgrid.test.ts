import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { EventWebhook } from '@sendgrid/eventwebhook';
import { receive } from '@sureping/engine';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { receivedEvent } from '../../support/webhooks/received.ts';
import { SIGNED_AT } from '../../support/webhooks/scene.ts';
import { sendgrid } from '../../support/webhooks/sendgrid.ts';

const base = { email: 'alex@example.com', timestamp: 1_513_299_569, sg_event_id: 'e1' };

/** From the tests of npm `@sendgrid/eventwebhook`, with the line ends that are signed. */
const VECTORS = [
	{
		key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
		signature:
			'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
		timestamp: '1600112502',
		body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
		expected: [{ type: 'notification.suppressed', notificationId: 'LRzXl_NHStOGhQ4kofSm_A' }],
	},
	{
		key: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ4LIFtWztlsF7skFqOncjD1lun4H5w8XOhyOArHW9RcIx/FfEzx6cikC/yPfUvwaX/JScE7Fc9CJD2afQ9Ok3Q==',
		signature:
			'MEYCIQC/I4o6vCgqRYrTljjoVWB/GRWNtxeePlLMHr3x9ETeRQIhAIpV+03nREPTTHWSW0wIOA0EoMPdcNgXa70yCaqDJlu5',
		timestamp: '1619651159',
		body: '[{"email":"invalid@gmail.com","event":"processed","send_at":0,"sg_event_id":"cHJvY2Vzc2VkLTE5OTQyMTEyLXFOd0JMZ1BRUWpXNkRKdktRd1NBYnctMA","sg_message_id":"qNwBLgPQQjW6DJvKQwSAbw.filterdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0","smtp-id":"<qNwBLgPQQjW6DJvKQwSAbw@ismtpd0178p1mdw1.sendgrid.net>","timestamp":1619651146},\r\n{"email":"invalid@gmail.com","event":"bounce","ip":"167.89.101.76","reason":"552 5.2.2 The email account that you tried to reach is over quota and inactive. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm c17si1130468pgv.34 - gsmtp","sg_event_id":"Ym91bmNlLTAtMTk5NDIxMTItcU53QkxnUFFRalc2REp2S1F3U0Fidy0w","sg_message_id":"qNwBLgPQQjW6DJvKQwSAbw.filterdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0","smtp-id":"<qNwBLgPQQjW6DJvKQwSAbw@ismtpd0178p1mdw1.sendgrid.net>","status":"5.2.2","timestamp":1619651147,"tls":1,"type":"blocked"}]\r\n',
		expected: [
			{ type: 'notification.sent', metadata: {} },
			{ type: 'notification.bounced', bounceType: 'soft', error: { code: '5.2.2' }, metadata: {} },
		],
	},
];

describe('the signature of SendGrid’s webhooks', () => {
	it.each(VECTORS)('is that of the vendor’s test vector at $timestamp', (vector) => {
		const verdict = (body: string) =>
			receive(
				'sendgrid',
				{
					method: 'POST',
					url: '/',
					headers: {
						'x-twilio-email-event-webhook-signature': vector.signature,
						'x-twilio-email-event-webhook-timestamp': vector.timestamp,
					},
					body: Buffer.from(body),
				},
				[vector.key],
				{ now: Number(vector.timestamp) * 1000 },
			);
		expect(verdict(vector.body)).toMatchObject({ ok: true, events: vector.expected });
		expect(verdict(vector.body.trimEnd())).toEqual({ ok: false, reason: 'bad_signature' });
	});

	it('is one that the vendor’s package accepts too', async () => {
		const { headers, body } = await sendgrid.sign();
		const vendor = new EventWebhook();
		const key = vendor.convertPublicKeyToECDSA(sendgrid.secret);
		const [signature = '', timestamp = ''] = [
			headers['x-twilio-email-event-webhook-signature'],
			headers['x-twilio-email-event-webhook-timestamp'],
		];
		expect(vendor.verifySignature(key, body, signature, timestamp)).toBe(true);
		expect(vendor.verifySignature(key, `${body}x`, signature, timestamp)).toBe(false);
	});

	it('takes the key as PEM as well', async () => {
		const pem = createPublicKey({
			key: Buffer.from(sendgrid.secret, 'base64'),
			format: 'der',
			type: 'spki',
		}).export({ type: 'spki', format: 'pem' });
		const received = await receiveScene(sendgrid, await sendgrid.sign(), {
			secrets: [pem.toString()],
		});
		expect(received.ok).toBe(true);
	});

	it('accepts nothing by a key that is no P-256 key', async () => {
		const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
		const rsa = publicKey.export({ type: 'spki', format: 'pem' }).toString();
		for (const secret of [rsa, 'not a key', '-----BEGIN PUBLIC KEY-----']) {
			const received = await receiveScene(sendgrid, await sendgrid.sign(), { secrets: [secret] });
			expect(received).toEqual({ ok: false, reason: 'bad_signature' });
		}
	});

	it('covers the timestamp', async () => {
		const request = await sendgrid.sign();
		const headers = {
			...request.headers,
			'x-twilio-email-event-webhook-timestamp': String(SIGNED_AT + 1),
		};
		expect(await receiveScene(sendgrid, { ...request, headers })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
	});
});

describe('reading SendGrid’s events', () => {
	it.each([
		['Unsubscribed Address', 'notification.suppressed'],
		['Bounced Address', 'notification.suppressed'],
		['Spam Reporting Address', 'notification.suppressed'],
		['Invalid SMTPAPI header', 'notification.failed'],
		['Spam Content', 'notification.failed'],
		['Invalid', 'notification.failed'],
		['Recipient List over Package Quota', 'notification.failed'],
	])('a drop for %s is %s', async (reason, type) => {
		expect(await receivedEvent(sendgrid, [{ ...base, event: 'dropped', reason }])).toMatchObject({
			type,
			final: true,
			error: { code: 'dropped', message: reason },
		});
	});

	it('gives the sender’s own arguments as metadata, wherever they stand', async () => {
		const event = {
			...base,
			event: 'delivered',
			order: '7',
			ip: '192.0.2.1',
			unique_args: { a: '1' },
			custom_args: { b: '2' },
		};
		expect((await receivedEvent(sendgrid, [event])).metadata).toEqual({
			order: '7',
			a: '1',
			b: '2',
		});
	});

	it('takes an open by Apple’s or Google’s proxy for a machine’s', async () => {
		const open = { ...base, event: 'open', useragent: 'Mozilla/5.0 (Macintosh) Safari/605' };
		expect(await receivedEvent(sendgrid, [open])).not.toHaveProperty('machine');
		expect(await receivedEvent(sendgrid, [{ ...open, sg_machine_open: true }])).toMatchObject({
			machine: true,
		});
		const useragent = 'Mozilla/5.0 Firefox/11.0 (via ggpht.com GoogleImageProxy)';
		expect(await receivedEvent(sendgrid, [{ ...open, useragent }])).toMatchObject({
			machine: true,
		});
	});

	it('finds the message of a late bounce, which has no sg_message_id', async () => {
		const bounce = { ...base, event: 'bounce', type: 'bounce', 'smtp-id': '<LRzXl_NH@ismtpd0039>' };
		expect(await receivedEvent(sendgrid, [bounce])).toMatchObject({ notificationId: 'LRzXl_NH' });
	});

	it.each(['AAAA', ' junk', '===', '\nMFkw'])('takes no key that %j follows', async (junk) => {
		const request = await sendgrid.sign();
		expect(await receiveScene(sendgrid, request, { secrets: [sendgrid.secret + junk] })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
	});

	it('keeps the good entries of a list and passes on the others', async () => {
		const list = [{ ...base, event: 'delivered' }, { event: 'open' }, 7, null];
		const body = JSON.stringify(list);
		expect(await receiveScene(sendgrid, await sendgrid.sign({ body }))).toMatchObject({
			ok: true,
			events: [
				{ type: 'notification.delivered' },
				{ type: 'notification.opened' },
				{ type: 'unknown', unreadable: true, raw: 7 },
				{ type: 'unknown', unreadable: true, raw: null },
			],
		});
	});

	it.each([['[]'], ['{}'], ['[{}]'], ['null'], ['not JSON']])(
		'cannot read %s, and passes it on',
		async (body) => {
			expect(await receiveScene(sendgrid, await sendgrid.sign({ body }))).toMatchObject({
				ok: true,
				events: [{ type: 'unknown', unreadable: true }],
			});
		},
	);
});
