import { createHash } from 'node:crypto';
import { type RawRequest, receive } from '@sureping/engine';
import { inNode } from '../../support/es-module.ts';
import { readEvent } from '../../support/read-event.ts';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { hmacToken } from '../../support/webhooks/hmac-token.ts';
import { SCENE_URL, SIGNED_AT } from '../../support/webhooks/scene.ts';
import { signReceipt, vonage, vonageReceipt } from '../../support/webhooks/vonage.ts';

const reasonOf = async (request: RawRequest, secrets = [vonage.secret]): Promise<string> => {
	const received = await receiveScene(vonage, request, { secrets });
	return received.ok ? 'accepted' : received.reason;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function withClaims(claims: Record<string, unknown>, header?: Record<string, unknown>): RawRequest {
	const all = { iss: 'Vonage', iat: SIGNED_AT, payload_hash: sha256(vonage.body), ...claims };
	const authorization = `Bearer ${hmacToken(all, vonage.secret, header)}`;
	const headers = { 'content-type': 'application/json', authorization };
	return { method: 'POST', url: SCENE_URL, headers, body: Buffer.from(vonage.body) };
}

describe('a token of Vonage', () => {
	it('is accepted by Vonage’s own package, and refused with another secret', async () => {
		const { headers } = await vonage.sign();
		const token = headers.authorization?.slice('Bearer '.length) ?? '';
		const pairs = [
			[token, vonage.secret],
			[token, vonage.otherSecret],
			[`${token}AA`, vonage.secret],
		];
		const theirs = inNode(
			`import { verifySignature } from '@vonage/jwt';
			output = input.map(([token, secret]) => verifySignature(token, secret));`,
			pairs,
		);
		expect(theirs).toEqual([true, false, false]);
		const ours = pairs.map(async ([one = '', secret = '']) => {
			const request = { ...withClaims({}), headers: { authorization: `Bearer ${one}` } };
			return (await reasonOf(request, [secret])) === 'accepted';
		});
		expect(await Promise.all(ours)).toEqual(theirs);
	});

	it.each([
		['another issuer', { iss: 'Nexmo' }, 'bad_signature'],
		['no hash of its payload', { payload_hash: undefined }, 'bad_signature'],
		['a hash of another payload', { payload_hash: sha256('{}') }, 'bad_signature'],
		['no time', { iat: undefined }, 'bad_timestamp'],
		['a time in words', { iat: 'now' }, 'bad_timestamp'],
		['a time with decimals', { iat: SIGNED_AT + 0.5 }, 'bad_timestamp'],
		['an end that is over', { exp: SIGNED_AT - 1 }, 'stale'],
	])('is refused with %s', async (_what, claims, reason) => {
		expect(await reasonOf(withClaims(claims))).toBe(reason);
	});

	it.each(['none', 'HS384', 'RS256'])('is refused by the algorithm %s', async (alg) => {
		const [, payload, signature] = hmacToken({}, vonage.secret).split('.');
		const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
		const headers = { authorization: `Bearer ${[header, payload, signature].join('.')}` };
		expect(await reasonOf({ ...withClaims({}), headers })).toBe('malformed_signature');
	});

	it('is not looked for in Basic credentials', async () => {
		const headers = { authorization: 'Basic YTpi' };
		expect(await reasonOf({ ...withClaims({}), headers })).toBe('malformed_signature');
	});

	it('proves the query of a GET, and no body beside it', async () => {
		const query = { messageId: 'A1', msisdn: '447700900000', status: 'delivered' };
		const request = {
			...withClaims({ payload_hash: sha256(JSON.stringify(query)) }),
			method: 'GET',
			url: `${SCENE_URL}?${new URLSearchParams(query).toString()}`,
			body: Buffer.alloc(0),
		};
		expect(await reasonOf(request)).toBe('accepted');
		expect(await reasonOf({ ...request, url: `${request.url}&status=failed` })).toBe(
			'bad_signature',
		);
		// Of a doubled name, one reader takes the first and another the last.
		const doubled = `${request.url.replace('status=delivered', 'status=failed')}&status=delivered`;
		expect(await reasonOf({ ...request, url: doubled })).toBe('bad_signature');
		// A token and body that were overheard prove nothing about a query that was made up.
		expect(await reasonOf({ ...withClaims({}), method: 'GET', url: request.url })).toBe(
			'bad_signature',
		);
	});
});

describe('a message status', () => {
	const status = { message_uuid: 'u1', to: '1', from: '2', timestamp: '2025-02-03T12:14:25Z' };

	it.each([
		['rejected', { type: 'notification.failed', final: true }],
		['undeliverable', { type: 'notification.failed', final: true }],
		['delivered', { type: 'notification.delivered', confirmation: 'device' }],
		['queued', { type: 'unknown', providerEvent: 'queued' }],
	])('of %s', async (word, expected) => {
		const error = { title: 1360, detail: 'TTL was exceeded' };
		const event = await readEvent(vonage, { ...status, status: word, error });
		expect(event).toMatchObject({
			...expected,
			error: { code: '1360', message: 'TTL was exceeded' },
		});
	});

	it('names Viber as one channel', async () => {
		const event = await readEvent(vonage, { ...status, status: 'read', channel: 'viber_service' });
		expect(event).toMatchObject({ channel: 'viber' });
	});

	it('is a message that came in where there is no status', async () => {
		expect(await readEvent(vonage, { ...status, channel: 'sms', text: 'Hi' })).toMatchObject({
			type: 'notification.received',
			recipient: '2',
			notificationId: 'u1',
		});
	});
});

describe('a signed delivery receipt', () => {
	const receipt = { messageId: 'A1', msisdn: '447700900000', scts: '2001011400' };
	const post = (parameters: Record<string, unknown>, type = 'application/json'): RawRequest => ({
		method: 'POST',
		url: SCENE_URL,
		headers: { 'content-type': type },
		body: Buffer.from(
			type === 'application/json'
				? JSON.stringify(parameters)
				: new URLSearchParams(parameters as Record<string, string>).toString(), // all are texts
		),
	});

	it.each([
		['accepted', '0', { type: 'notification.sent', status: 'accepted' }],
		['buffered', '0', { type: 'notification.sent', status: 'buffered' }],
		['expired', '5', { type: 'notification.failed', error: { code: '5' } }],
		['failed', '8', { type: 'notification.failed', final: true }],
		['rejected', '6', { type: 'notification.failed' }],
		['unknown', '1', { type: 'unknown', providerEvent: 'unknown' }],
	])('of the status %s', async (status, code, expected) => {
		const event = await readEvent(vonageReceipt, { ...receipt, status, 'err-code': code });
		expect(event).toMatchObject({ ...expected, notificationId: 'A1', channel: 'sms' });
	});

	it('has the id that it had when it is pushed again', async () => {
		const pushed = (at: string): Promise<{ eventId: string }> =>
			readEvent(vonageReceipt, { ...receipt, status: 'failed', 'message-timestamp': at });
		expect((await pushed('2020-01-01 12:00:00')).eventId).toBe(
			(await pushed('2020-01-01 12:30:00')).eventId,
		);
	});

	it.each(['sha1', 'sha256', 'sha512'])(
		'is genuine by %s, as JSON, form and query',
		async (hash) => {
			const signed = signReceipt({ ...receipt, status: 'a&b=c' }, vonage.secret, SIGNED_AT, hash);
			const query = new URLSearchParams(signed).toString();
			const get = {
				...post({}),
				method: 'GET',
				url: `${SCENE_URL}?${query}`,
				body: Buffer.alloc(0),
			};
			for (const request of [
				post(signed),
				post(signed, 'application/x-www-form-urlencoded'),
				get,
			]) {
				expect(await reasonOf(request)).toBe('accepted');
			}
			expect(await reasonOf({ ...get, url: `${get.url}&msisdn=1` })).toBe('bad_signature');
		},
	);

	it('is one event however its signature allows it to be written', async () => {
		const idOf = async (id: string): Promise<string> =>
			(await readEvent(vonageReceipt, { ...receipt, messageId: id, status: 'failed' })).eventId;
		expect(await idOf('m&1')).toBe(await idOf('m_1'));
		expect(await idOf('m=1')).toBe(await idOf('m_1'));
		expect(await idOf('m-1')).not.toBe(await idOf('m_1'));
	});

	it('is refused with more parameters than any has', async () => {
		const many = Array.from({ length: 1000 }, (_, i) => [`p${i}`, 'x'] as const);
		const signed = signReceipt({ ...receipt, status: 'failed', ...Object.fromEntries(many) });
		expect(await reasonOf(post(signed))).toBe('malformed_body');
	});

	it('is refused by MD5, whose secret is only appended', async () => {
		const signed = signReceipt(receipt, vonage.secret, SIGNED_AT, 'md5');
		expect(await reasonOf(post(signed))).toBe('malformed_signature');
	});

	it('cannot hide one parameter in the name of another', async () => {
		const { scts, sig, ...others } = signReceipt({ ...receipt, status: 'failed' });
		const hidden = { ...others, [`scts=${scts ?? ''}&sender`]: 'x', sig };
		expect(await reasonOf(post(hidden))).toBe('bad_signature');
		const joined = { ...others, 'price=1&scts': scts };
		const resigned = signReceipt({ ...receipt, status: 'failed', price: '1' });
		expect(await reasonOf(post({ ...joined, sig: resigned.sig }))).toBe('bad_signature');
	});

	it('is refused without a time, and with values that are no texts', async () => {
		const { timestamp, ...others } = signReceipt(receipt);
		expect(await reasonOf(post(others))).toBe('bad_timestamp');
		expect(await reasonOf(post({ ...others, timestamp, price: 1 }))).toBe('bad_signature');
	});
});

describe('what else Vonage sends', () => {
	/** https://developer.vonage.com/en/messaging/sms/guides/inbound-sms */
	const sms = {
		msisdn: '447700900001',
		to: '447700900000',
		messageId: '0A0000000123ABCD1',
		text: 'Hello',
		type: 'text',
		keyword: 'HELLO',
		'message-timestamp': '2020-01-01 12:00:00',
	};

	it('is a message that came in through the SMS API', async () => {
		const event = await readEvent(vonageReceipt, sms);
		expect(event).toMatchObject({
			type: 'notification.received',
			notificationId: '0A0000000123ABCD1',
			channel: 'sms',
			recipient: '447700900001',
			occurredAt: '2020-01-01T12:00:00.000Z',
		});
		const again = { ...sms, 'message-timestamp': '2020-01-01 12:30:00' };
		expect((await readEvent(vonageReceipt, again)).eventId).toBe(event.eventId);
		const part = { ...sms, 'concat-part': '2' };
		expect((await readEvent(vonageReceipt, part)).eventId).not.toBe(event.eventId);
	});

	it('is an event of a call, which comes through as it is', async () => {
		const call = {
			status: 'answered',
			uuid: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
			conversation_uuid: 'CON-1',
			direction: 'outbound',
			timestamp: '2020-01-01T12:00:00.000Z',
		};
		const event = await readEvent(vonage, call);
		expect(event).toMatchObject({
			type: 'unknown',
			providerEvent: 'answered',
			notificationId: call.uuid,
			occurredAt: '2020-01-01T12:00:00.000Z',
			raw: call,
		});
		expect((await readEvent(vonage, call)).eventId).toBe(event.eventId);
		const ended = { ...call, status: 'completed' };
		expect((await readEvent(vonage, ended)).eventId).not.toBe(event.eventId);
	});

	it('is signed anew when it is sent again, and the same event', async () => {
		const at = async (time: number): Promise<string | undefined> => {
			const body = JSON.stringify({ price: '0.1' });
			const request = await vonageReceipt.sign({ body, at: time });
			const received = receive('vonage', request, [vonageReceipt.secret], { now: time * 1000 });
			return received.ok ? received.events[0]?.eventId : received.reason;
		};
		expect(await at(SIGNED_AT + 60)).toBe(await at(SIGNED_AT));
		expect(await at(SIGNED_AT)).toMatch(/^vonage_/);
	});

	it('is passed on where it says nothing', async () => {
		const request = await vonage.sign({ body: '{}' });
		expect(receive('vonage', request, [vonage.secret], { now: SIGNED_AT * 1000 })).toMatchObject({
			ok: true,
			events: [{ type: 'unknown', unreadable: true, raw: {} }],
		});
	});
});
