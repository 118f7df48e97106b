import { createHmac, randomBytes } from 'node:crypto';
import { receive } from '@sureping/engine';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { receivedEvent, verdictOn } from '../../support/webhooks/received.ts';
import type { SceneRequest } from '../../support/webhooks/scene.ts';
import { SIGNED_AT } from '../../support/webhooks/scene.ts';
import {
	standardWebhooks,
	standardWebhooksAsymmetric,
} from '../../support/webhooks/standard-webhooks.ts';
import { MESSAGE_ID, SECRET } from '../../support/webhooks/standard-webhooks-request.ts';

const SIGNATURE = 'webhook-signature';

function withHeader(name: string, value: (before: string) => string) {
	return ({ headers }: SceneRequest) => ({
		headers: { ...headers, [name]: value(headers[name] ?? '') },
	});
}

const verdict = (name: string, value: (before: string) => string): Promise<string> =>
	verdictOn(standardWebhooks, withHeader(name, value));

describe('verifying Standard Webhooks', () => {
	it.each<[string, (signature: string) => string]>([
		['alone', (v1) => v1],
		['after another of the same version', (v1) => `v1,${randomBytes(32).toString('base64')} ${v1}`],
		['before one of an unknown version', (v1) => `${v1} v2,bm9uZQ==`],
		['after an ed25519 one', (v1) => `v1a,${randomBytes(64).toString('base64')} ${v1}`],
		['after an empty one', (v1) => `v1, ${v1}`],
	])('accepts a valid signature %s, as the package does', async (_where, list) => {
		expect(await verdict(SIGNATURE, list)).toBe('accepted');
		expect(await packageAccepts(list)).toBe(true);
	});

	it.each<[string, (signature: string) => string, string]>([
		['an empty one', () => 'v1,', 'malformed_signature'],
		['a truncated one', (v1) => v1.slice(0, -1), 'malformed_signature'],
		['one of another version', (v1) => v1.replace('v1,', 'v2,'), 'malformed_signature'],
		['one without a version', (v1) => v1.replace('v1,', ''), 'malformed_signature'],
		['an HMAC that says it is ed25519', (v1) => v1.replace('v1,', 'v1a,'), 'malformed_signature'],
		['one in the URL form of base64', () => `v1,${'-_'.repeat(21)}A=`, 'malformed_signature'],
		[
			'one with a changed bit',
			(v1) => `${v1.slice(0, 10)}${v1[10] === 'A' ? 'B' : 'A'}${v1.slice(11)}`,
			'bad_signature',
		],
	])('refuses %s, as the package does', async (_what, signature, reason) => {
		expect(await verdict(SIGNATURE, signature)).toBe(reason);
		expect(await packageAccepts(signature)).toBe(false);
	});

	it('refuses a list that is longer than any rotation', async () => {
		expect(await verdict(SIGNATURE, (v1) => `${'v2,x '.repeat(16)}${v1}`)).toBe(
			'malformed_signature',
		);
		expect(await verdict(SIGNATURE, (v1) => `${'v2,x '.repeat(15)}${v1}`)).toBe('accepted');
	});

	it.each(['webhook-id', 'webhook-timestamp', SIGNATURE])(
		'refuses %s when it is empty',
		async (name) => {
			expect(await verdict(name, () => '')).toBe('missing_header');
		},
	);

	it.each(['now', '1705312200.0', ' 1705312200', '+1705312200', '1705312200000'])(
		'refuses the timestamp %j',
		async (timestamp) => {
			expect(await verdict('webhook-timestamp', () => timestamp)).toBe('bad_timestamp');
		},
	);

	it('refuses an id with a full stop, whose end could pass for a timestamp', async () => {
		const { body } = await standardWebhooks.sign();
		const id = 'msg.1';
		const signature = new Webhook(SECRET).sign(id, new Date(SIGNED_AT * 1000), body.toString());
		const signed = ({ headers }: SceneRequest) => ({
			headers: { ...headers, 'webhook-id': id, [SIGNATURE]: signature },
		});
		expect(await verdictOn(standardWebhooks, signed)).toBe('malformed_signature');
	});

	it('takes the secret without its prefix', async () => {
		const secrets = [SECRET.replace('whsec_', '')];
		expect(await verdictOn(standardWebhooks, () => ({}), { secrets })).toBe('accepted');
	});

	it.each([
		'whsec_',
		'whsec_not base64!',
		'whpk_',
		`whpk_${'A'.repeat(20)}`,
		`whsk_${'A'.repeat(88)}`,
	])('takes nothing from the secret %j, and does not stop at it', async (unusable) => {
		const verdictWith = (...secrets: string[]): Promise<string> =>
			verdictOn(standardWebhooks, () => ({}), { secrets });
		expect(await verdictWith(unusable)).toBe('bad_signature');
		expect(await verdictWith(unusable, SECRET)).toBe('accepted');
	});

	it('never uses a public key as an HMAC key, which everybody could sign with', async () => {
		const { secret } = standardWebhooksAsymmetric;
		const { body } = await standardWebhooks.sign();
		const digest = createHmac('sha256', Buffer.from(secret.slice('whpk_'.length), 'base64'))
			.update(`${MESSAGE_ID}.${SIGNED_AT}.`)
			.update(body)
			.digest('base64');
		const forged = withHeader(SIGNATURE, () => `v1,${digest}`);
		expect(await verdictOn(standardWebhooks, forged, { secrets: [secret] })).toBe('bad_signature');
	});

	it('accepts either version when a sender changes from one to the other', async () => {
		const { sign, secret } = standardWebhooksAsymmetric;
		const { headers } = await sign();
		const both = withHeader(SIGNATURE, (v1) => `${headers[SIGNATURE]} ${v1}`);
		for (const secrets of [[secret], [SECRET], [secret, SECRET]]) {
			expect(await verdictOn(standardWebhooks, both, { secrets })).toBe('accepted');
		}
	});

	/** The verdicts of the specification's package and Svix's on the same request. */
	async function packageAccepts(change: (signature: string) => string): Promise<boolean> {
		const now = Math.floor(Date.now() / 1000);
		const { headers, body } = await standardWebhooks.sign({ at: now });
		const changed = { ...headers, [SIGNATURE]: change(headers[SIGNATURE] ?? '') };
		const verdicts = [new Webhook(SECRET), new SvixWebhook(SECRET)].map((webhook) => {
			try {
				webhook.verify(body.toString(), changed);
				return true;
			} catch {
				return false;
			}
		});
		expect(new Set(verdicts).size).toBe(1);
		return verdicts[0] === true;
	}
});

describe('reading Standard Webhooks', () => {
	const EVENT = {
		event: 'notification.delivered',
		notification_id: 'msg_01',
		channel: 'telegram',
		status: 'delivered',
		recipient: '@username',
		delivered_at: '2026-01-15T10:30:05.000Z',
		latency_ms: 245,
		attempt: 1,
		confirmation: 'service',
		metadata: { order_id: 'ORD-5678' },
		timestamp: '2026-01-15T10:30:05.000Z',
		event_id: 'evt_01',
		delivery_id: 'dlv_01',
		sequence: 2,
	};
	const envelope = (data: object) => ({
		type: EVENT.event,
		timestamp: EVENT.timestamp,
		data,
	});

	it('reads a runner’s event as the sureping provider does', async () => {
		const now = SIGNED_AT * 1000;
		const body = Buffer.from(JSON.stringify(EVENT));
		const digest = createHmac('sha256', 's').update(`${SIGNED_AT}.`).update(body).digest('hex');
		const headers = {
			'x-oneping-signature': `sha256=${digest}`,
			'x-oneping-timestamp': String(SIGNED_AT),
		};
		const direct = receive('sureping', { method: 'POST', url: '/', headers, body }, ['s'], { now });
		const [expected] = direct.ok ? direct.events : [];
		expect(await receivedEvent(standardWebhooks, envelope(EVENT))).toEqual({
			...expected,
			provider: 'standard-webhooks',
		});
	});

	it('takes the signed id of the message where the event has none', async () => {
		const { event_id: _, ...data } = EVENT;
		expect(await receivedEvent(standardWebhooks, envelope(data))).toMatchObject({
			eventId: MESSAGE_ID,
			notificationId: 'msg_01',
		});
	});

	it.each([
		['message.delivered', 'notification.delivered', undefined],
		['email.bounced', 'notification.bounced', 'email'],
		['sms.failed', 'notification.failed', 'sms'],
		['acme.email.opened', 'notification.opened', 'email'],
		['notification.sent', 'notification.sent', undefined],
	])('takes %s for %s', async (type, ours, channel) => {
		const event = await receivedEvent(standardWebhooks, {
			type,
			timestamp: '2026-01-15T10:30:05Z',
			data: { message_id: 'm1', recipient: 'a@example.com', error: { code: 'X', message: 'x' } },
		});
		expect(event).toMatchObject({
			eventId: MESSAGE_ID,
			type: ours,
			notificationId: 'm1',
			recipient: 'a@example.com',
			error: { code: 'X', message: 'x' },
			occurredAt: '2026-01-15T10:30:05.000Z',
		});
		expect(event.channel).toBe(channel);
		expect(event.providerEvent).toBe(type === ours ? undefined : type);
	});

	it.each([
		['order.delivered', { id: 'o1' }, 'o1'],
		['payment.failed', { id: 'p1' }, 'p1'],
		['message.exploded', { id: 7 }, '7'],
		['message.delivered', {}, MESSAGE_ID],
		['message.delivered', [{ id: 'm1' }], MESSAGE_ID],
		['delivered', { id: 'm1' }, 'm1'],
		['message.constructor', { id: 'm1' }, 'm1'],
	])('leaves %s with %j unknown', async (type, data, notificationId) => {
		expect(await receivedEvent(standardWebhooks, { type, data })).toMatchObject({
			type: 'unknown',
			providerEvent: type,
			notificationId,
			final: false,
		});
	});

	it('finds facts that stand beside the type instead of under data', async () => {
		const event = await receivedEvent(standardWebhooks, {
			type: 'email.delivered',
			email_id: 'e1',
		});
		expect(event).toMatchObject({ type: 'notification.delivered', notificationId: 'e1' });
	});

	it('takes the time of signing where the payload says none', async () => {
		expect(await receivedEvent(standardWebhooks, { type: 'a.b' })).toMatchObject({
			occurredAt: new Date(SIGNED_AT * 1000).toISOString(),
		});
	});

	it.each([['[]'], ['null'], ['{}'], ['{"type":7}'], ['not JSON']])(
		'cannot read the body %s, and passes it on under its signed id',
		async (body) => {
			const { headers } = await standardWebhooks.sign({ body });
			expect(await receivedEvent(standardWebhooks, body)).toMatchObject({
				type: 'unknown',
				unreadable: true,
				eventId: headers['webhook-id'],
			});
		},
	);
});
