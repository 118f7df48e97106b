import { createHmac } from 'node:crypto';
import {
	type DeliveryEvent,
	encodeWebhook,
	MEANINGS,
	PROFILE_IDS,
	type ProfileId,
	PROFILES,
	type RawRequest,
	receive,
	type ReceivedEvent,
	type WebhookMessage,
} from '@sureping/engine';
import fc from 'fast-check';
import { verify as verifyPingram } from 'pingram/webhooks';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { anyEvent } from '../../support/any-event.ts';
import { T0 } from '../../support/dispatch-scene.ts';
import { describeWithPython, python } from '../../support/python.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const FORMER = `whsec_${Buffer.from('fedcba9876543210fedcba9876543210').toString('base64')}`;
const NOW = T0 + 7_250;
const URL = `https://hooks.example.com/webhook?token=${encodeURIComponent(SECRET)}`;

interface Form {
	readonly now?: number;
	readonly secrets?: readonly string[];
	readonly reportType?: 'all' | 'final';
}

function encode(
	profile: ProfileId,
	event: DeliveryEvent,
	{ now = NOW, secrets = [SECRET], reportType = 'all' }: Form = {},
): WebhookMessage | undefined {
	const signing = { now, secrets, reportType, signatureInput: 'timestamped' } as const;
	return encodeWebhook(profile, [event], signing);
}

function asRequest({ headers, body }: WebhookMessage): RawRequest {
	const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
	return { method: 'POST', url: URL, headers: Object.fromEntries(lower), body: Buffer.from(body) };
}

function received(profile: ProfileId, message: WebhookMessage, now = NOW): ReceivedEvent {
	const result = receive(profile, asRequest(message), [SECRET], { now });
	if (!result.ok) throw new Error(result.reason);
	expect(result.events.map((event) => event.unreadable)).toEqual([undefined]);
	return result.events[0]!;
}

/** The word that a format has for something else, where it does not tell the two apart. */
const SAME_WORD: Partial<Record<ProfileId, Record<string, string>>> = {
	notificationapi: { 'notification.bounced': 'notification.failed' },
	pingram: { 'notification.bounced': 'notification.failed' },
};

/** Every kind of event, each with a channel, that a format has a word for. */
function told(profile: ProfileId): Set<string> {
	const words = new Set<string>();
	fc.assert(
		fc.property(anyEvent, (event) => {
			if (encode(profile, event)) words.add(`${event.channel} ${event.event.split('.')[1]}`);
		}),
		{ numRuns: 3_000, seed: 7 },
	);
	return words;
}

describe.each(PROFILE_IDS)('what the %s profile sends', (profile) => {
	it('is taken by receive of the same name, with the same facts', () => {
		let sent = 0;
		fc.assert(
			fc.property(anyEvent, (event) => {
				const message = encode(profile, event);
				if (!message) return;
				sent++;
				const type = SAME_WORD[profile]?.[event.event] ?? event.event;
				const isEnd = event.event !== 'notification.failed' || event.all_channels_failed === true;
				const final = MEANINGS[event.event].final === true;
				expect(received(profile, message)).toMatchObject({
					type,
					notificationId: event.notification_id,
					channel: event.channel,
					status: type.replace('notification.', ''),
					// An OTPIQ report speaks for the message: one channel's failure is not the end of it.
					final: profile === 'otpiq' ? final && isEnd : final,
				});
			}),
			{ numRuns: 2_000 },
		);
		expect(sent).toBeGreaterThan(0);
	});

	it('is compact JSON', () => {
		fc.assert(
			fc.property(anyEvent, (event) => {
				const message = encode(profile, event);
				if (!message) return;
				expect(message.headers['content-type']).toBe('application/json');
				expect(message.body).toBe(JSON.stringify(JSON.parse(message.body)));
			}),
		);
	});

	it('is refused with another secret, and when it was changed', () => {
		if (PROFILES[profile].secret !== 'required') return;
		fc.assert(
			fc.property(anyEvent, (event) => {
				const message = encode(profile, event);
				if (!message) return;
				const request = asRequest(message);
				const body = Buffer.from(message.body.replace('msg_1', 'msg_2'));
				expect(receive(profile, request, [FORMER], { now: NOW }).ok).toBe(false);
				expect(receive(profile, { ...request, body }, [SECRET], { now: NOW }).ok).toBe(false);
			}),
		);
	});
});

describe('which events a format has words for', () => {
	it.each(['sureping', 'one-ping', 'standard-webhooks'] as const)('all of them: %s', (profile) => {
		fc.assert(fc.property(anyEvent, (event) => encode(profile, event) !== undefined));
	});

	it('seven about e-mail: onepush', () => {
		const words = ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained'];
		expect(told('onepush')).toEqual(
			new Set([...words, 'unsubscribed'].map((word) => `email ${word}`)),
		);
	});

	it('opens and clicks of mails, and failures of six channels: notificationapi', () => {
		const channels = ['email', 'sms', 'call', 'push', 'web_push', 'in_app'];
		expect(told('notificationapi')).toEqual(
			new Set([
				'email opened',
				'email clicked',
				...channels.flatMap((channel) => [`${channel} failed`, `${channel} bounced`]),
			]),
		);
	});

	it('three of three channels: otpiq', () => {
		expect(told('otpiq')).toEqual(
			new Set(
				['sms', 'whatsapp', 'telegram'].flatMap((channel) =>
					['sent', 'delivered', 'failed'].map((word) => `${channel} ${word}`),
				),
			),
		);
	});
});

const facts = {
	notification_id: 'msg_1',
	delivery_id: 'dlv_1',
	event_id: 'evt_1',
	sequence: 2,
	recipient: 'ada@example.com',
	metadata: { order_id: 'ORD-5678' },
	timestamp: '2025-01-15T10:30:05.000Z',
};
const opened: DeliveryEvent = {
	event: 'notification.opened',
	status: 'opened',
	channel: 'email',
	...facts,
};
const sent: DeliveryEvent = {
	event: 'notification.sent',
	status: 'sent',
	channel: 'sms',
	attempt: 1,
	latency_ms: 40,
	...facts,
};
const failed: DeliveryEvent = {
	event: 'notification.failed',
	status: 'failed',
	channel: 'sms',
	error: { code: 'MESSAGE_REJECTED', message: 'Carrier rejected the message' },
	attempts: 1,
	all_channels_failed: true,
	...facts,
};

function bodyOf(message: WebhookMessage | undefined): unknown {
	return message && JSON.parse(message.body);
}

describe('the onepush profile', () => {
	it('verifies with OnePush’s sample, which writes the parsed body again', () => {
		fc.assert(
			fc.property(anyEvent, (event) => {
				const message = encode('onepush', event);
				if (!message) return;
				const again = JSON.stringify(JSON.parse(message.body));
				expect(message.headers['X-OnePush-Signature']).toBe(
					createHmac('sha256', SECRET).update(again).digest('hex'),
				);
			}),
		);
	});

	it('waits 5 s for an answer', () => {
		expect(PROFILES.onepush.retry.timeoutMs).toBe(5_000);
		expect(bodyOf(encode('onepush', opened))).toMatchObject({ type: 'email.opened' });
	});
});

describe('the notificationapi profile', () => {
	it('sends the five documented fields and nothing that proves them', () => {
		const message = encode('notificationapi', opened);
		expect(message?.headers).toEqual({ 'content-type': 'application/json' });
		expect(bodyOf(message)).toEqual({
			eventType: 'OPEN',
			trackingId: 'msg_1',
			notificationId: 'msg_1',
			channel: 'EMAIL',
			userId: 'ada@example.com',
		});
		expect(bodyOf(encode('notificationapi', failed))).toMatchObject({
			eventType: 'SMS_FAILED',
			channel: 'SMS',
		});
	});
});

describe('the pingram profile', () => {
	it('verifies with npm pingram', () => {
		// The package reads the machine's own clock.
		const message = encode('pingram', opened, { now: Date.now() });
		const verified = verifyPingram({
			payload: message!.body,
			headers: {
				id: message!.headers['X-Pingram-Id']!,
				timestamp: message!.headers['X-Pingram-Timestamp']!,
				signature: message!.headers['X-Pingram-Signature']!,
			},
			secret: SECRET,
		});
		expect(verified).toMatchObject({ eventType: 'EMAIL_OPEN', trackingId: 'msg_1' });
	});
});

describe('the otpiq profile', () => {
	it('sends a report as OTPIQ documents it, and the secret as it is', () => {
		const message = encode('otpiq', failed);
		expect(message?.headers).toEqual({
			'content-type': 'application/json',
			'X-OTPIQ-Webhook-Secret': SECRET,
		});
		expect(bodyOf(message)).toEqual({
			smsId: 'msg_1',
			deliveryReportType: 'all',
			isFinal: true,
			channel: 'sms',
			status: 'failed',
			reason: 'Carrier rejected the message',
		});
		expect(bodyOf(encode('otpiq', sent))).not.toHaveProperty('reason');
	});

	it('sends no header where there is no secret', () => {
		expect(encode('otpiq', sent, { secrets: [] })?.headers).toEqual({
			'content-type': 'application/json',
		});
	});

	it('leaves out that it was sent where only final reports are wanted', () => {
		expect(encode('otpiq', sent, { reportType: 'final' })).toBeUndefined();
		expect(bodyOf(encode('otpiq', failed, { reportType: 'final' }))).toMatchObject({
			deliveryReportType: 'final',
			isFinal: true,
		});
	});

	it('is retried ten times, after 30 s and then twice as long each time up to an hour', () => {
		const { delaysMs, timeoutMs } = PROFILES.otpiq.retry;
		const expected = Array.from({ length: 10 }, (_, i) => Math.min(30 * 2 ** i, 3_600) * 1000);
		expect([delaysMs, timeoutMs]).toEqual([expected, 10_000]);
	});
});

describe('the standard-webhooks profile', () => {
	it('verifies with npm standardwebhooks and npm svix, with either secret during a rotation', () => {
		fc.assert(
			fc.property(anyEvent, (event) => {
				// Both packages read the machine's own clock.
				const message = encode('standard-webhooks', event, {
					now: Date.now(),
					secrets: [SECRET, FORMER],
				});
				const { headers, body } = message!;
				const svix = Object.fromEntries(
					Object.entries(headers).map(([name, value]) => [
						name.replace('webhook-', 'svix-'),
						value,
					]),
				);
				const wire: unknown = JSON.parse(JSON.stringify(event));
				for (const secret of [SECRET, FORMER]) {
					const expected = { type: event.event, timestamp: event.timestamp, data: wire };
					expect(new StandardWebhook(secret).verify(body, { ...headers })).toEqual(expected);
					expect(() => new SvixWebhook(secret).verify(body, svix)).not.toThrow();
					expect(() => new SvixWebhook(secret).verify(`${body} `, svix)).toThrow();
				}
				expect(() =>
					new StandardWebhook(Buffer.from('another').toString('base64')).verify(body, {
						...headers,
					}),
				).toThrow();
			}),
			{ numRuns: 50 },
		);
	});

	it('keeps the id and renews the timestamp over retries', () => {
		const stamps = [NOW, NOW + 5_000].map((now) => {
			const { headers } = encode('standard-webhooks', opened, { now })!;
			return [headers['webhook-id'], Number(headers['webhook-timestamp'])];
		});
		const seconds = Math.floor(NOW / 1000);
		expect(stamps).toEqual([
			['evt_1', seconds],
			['evt_1', seconds + 5],
		]);
	});

	it('is tried for 75 hours, 35 minutes and 5 seconds, as the specification has it', () => {
		const { delaysMs } = PROFILES['standard-webhooks'].retry;
		expect(delaysMs.reduce((sum, ms) => sum + ms, 0) / 1000).toBe(75 * 3600 + 35 * 60 + 5);
		expect(delaysMs).toHaveLength(9);
	});

	it('refuses secrets that receivers could not use', () => {
		const refused = (secret: string): boolean =>
			PROFILES['standard-webhooks'].refuseSecret?.(secret) !== undefined;
		expect([SECRET, SECRET.replace('whsec_', '')].map(refused)).toEqual([false, false]);
		for (const secret of ['whsec_', 'whsec_not base64!', 'whsec_abc', 'my_own_secret_text']) {
			expect([secret, refused(secret)]).toEqual([secret, true]);
			expect(() => new StandardWebhook(secret)).toThrow();
		}
	});
});

describe('a batch', () => {
	const signing = {
		secrets: [SECRET],
		now: NOW,
		reportType: 'all',
		signatureInput: 'timestamped',
	} as const;

	it('is one signed list, read as its events in order, with no id of one of them', () => {
		fc.assert(
			fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 20 }), (events) => {
				const unique = events.map((event, i) => ({ ...event, event_id: `evt_${i}` }));
				const message = encodeWebhook('sureping', unique, signing, true);
				expect(message?.headers).not.toHaveProperty('X-OnePing-Event-Id');
				expect(message?.body).toBe(JSON.stringify({ events: unique }));
				const result = receive('sureping', asRequest(message!), [SECRET], { now: NOW });
				if (!result.ok) throw new Error(result.reason);
				expect(result.events.map(({ eventId }) => eventId)).toEqual(
					unique.map(({ event_id }) => event_id),
				);
			}),
		);
	});

	it('is a list also with one event', () => {
		expect(bodyOf(encodeWebhook('sureping', [opened], signing, true))).toEqual({
			events: [opened],
		});
	});
});

describeWithPython('One-Ping’s Python sample', () => {
	const SAMPLE = `
import hashlib, hmac, json, sys
for request in json.load(sys.stdin):
    payload = request['timestamp'] + '.' + json.dumps(json.loads(request['body']))
    digest = hmac.new(request['secret'].encode(), payload.encode(), hashlib.sha256).hexdigest()
    print(hmac.compare_digest(request['signature'], 'sha256=' + digest))
`;

	it('verifies whatever is sent to an endpoint set to python-json, batches too', () => {
		const events = fc.sample(anyEvent, 500);
		const signing = {
			secrets: [SECRET],
			now: NOW,
			reportType: 'all',
			signatureInput: 'python-json',
		} as const;
		const messages = events.flatMap((event) => [
			encodeWebhook('one-ping', [event], signing),
			encodeWebhook('one-ping', [event, event], signing, true),
		]);
		const requests = messages.map((message) => ({
			secret: SECRET,
			body: message?.body,
			timestamp: message?.headers['X-OnePing-Timestamp'],
			signature: message?.headers['X-OnePing-Signature'],
		}));
		const verdicts = python(SAMPLE, JSON.stringify(requests)).trim().split('\n');
		expect(verdicts).toHaveLength(1_000);
		expect(new Set(verdicts)).toEqual(new Set(['True']));
	});
});
