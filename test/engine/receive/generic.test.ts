import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import {
	type GenericRules,
	type RawRequest,
	receive,
	type Received,
	refuseGenericRules,
} from '@sureping/engine';
import { generic, genericStatic, RULES } from '../../support/webhooks/generic.ts';
import { SCENE_URL, SIGNED_AT } from '../../support/webhooks/scene.ts';

const now = SIGNED_AT * 1000;
const SECRET = 'shared secret';
const { timestampHeader: _unused, ...TIMELESS } = { ...RULES, signedContent: '{body}' };

function post(headers: Record<string, string>, body = generic.body): RawRequest {
	return {
		method: 'POST',
		url: SCENE_URL,
		headers: { 'content-type': 'application/json', ...headers },
		body: Buffer.from(body),
	};
}

function verdict(request: RawRequest, rules: GenericRules, secret = SECRET): Received {
	return receive('generic', request, [secret], { now, generic: rules });
}

const reasonOf = (received: Received): string => (received.ok ? 'accepted' : received.reason);
const hmac = (content: string, algorithm = 'sha256', key: string | Buffer = SECRET): Buffer =>
	createHmac(algorithm, key).update(content).digest();

describe('rules for a provider that we do not know', () => {
	it('are asked for: without them, and with a mistake in them, everything is refused', async () => {
		const request = await generic.sign();
		expect(receive('generic', request, [SECRET], { now })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
		const wrong = { ...RULES, signedContent: '{timestamp}' };
		expect(reasonOf(verdict(request, wrong))).toBe('bad_signature');
	});

	it('are right as the scenes have them', () => {
		expect(refuseGenericRules(RULES)).toBeUndefined();
		expect(refuseGenericRules(genericStatic.options?.generic)).toBeUndefined();
	});

	it.each<[string, unknown, RegExp]>([
		['are none', undefined, /expected object/],
		['leave the body out', { ...RULES, signedContent: '{timestamp}' }, /\{body\} is missing/],
		[
			'sign a place that does not exist',
			{ ...RULES, signedContent: '{time}{body}' },
			/\{time\} is not one of/,
		],
		[
			'sign a time without a header for it',
			{ ...RULES, timestampHeader: undefined },
			/needs a timestampHeader/,
		],
		[
			'do not sign the time',
			{ ...RULES, signedContent: '{body}' },
			/anybody could change the timestamp/,
		],
		[
			'sign an id without a header for it',
			{ ...RULES, signedContent: '{id}{timestamp}{body}' },
			/needs an idHeader/,
		],
		['trust a time that nothing signs', { ...RULES, algorithm: 'none' }, /anybody’s/],
		...[
			'{id}{timestamp}.{body}',
			'{timestamp}{id}.{body}',
			'{url}{timestamp}.{body}',
			'{id}{body}{timestamp}',
		].map((signedContent): [string, unknown, RegExp] => [
			`leave open where a part ends: ${signedContent}`,
			{ ...RULES, idHeader: 'x-id', signedContent },
			/without a text between \{\w+\} and \{\w+\}/,
		]),
		['name no header', { ...RULES, signatureHeader: '' }, /signatureHeader/],
		['name an algorithm that is too weak', { ...RULES, algorithm: 'md5' }, /algorithm/],
		[
			'have an empty step in a path',
			{ ...RULES, fields: { ...RULES.fields, type: 'a..b' } },
			/fields\.type/,
		],
		[
			'mean a type that does not exist',
			{ ...RULES, types: { ok: 'delivered' } },
			/types\.ok.*delivered/,
		],
		['have a word that is none of ours', { ...RULES, signatureheader: 'x' }, /signatureheader/],
		['have a public key as text', { ...RULES, algorithm: 'ed25519' }, /32 bytes/],
	])('are explained when they %s', (_what, rules, explanation) => {
		expect(refuseGenericRules(rules)).toMatch(explanation);
	});
});

describe('parts of what is signed that have no text between them', () => {
	// HubSpot signs all four like this, Trello a body and its URL, SendGrid a timestamp and a body.
	const TEMPLATES = [
		'{method}{url}{body}{timestamp}',
		'{body}{url}.{timestamp}',
		'{timestamp}{body}',
	];
	const signedBy = (template: string, body: string): RawRequest => {
		const values = { method: 'POST', url: SCENE_URL, body, timestamp: String(SIGNED_AT) };
		const content = Object.entries(values).reduce(
			(text, [name, value]) => text.replace(`{${name}}`, () => value),
			template,
		);
		return post(
			{
				'x-acme-timestamp': String(SIGNED_AT),
				'x-acme-signature': `v1=${hmac(content).toString('hex')}`,
			},
			body,
		);
	};

	it.each(TEMPLATES)('are taken apart where a body is JSON: %s', (signedContent) => {
		const rules = { ...RULES, signedContent };
		expect(refuseGenericRules(rules)).toBeUndefined();
		expect(reasonOf(verdict(signedBy(signedContent, generic.body), rules))).toBe('accepted');
	});

	it.each(TEMPLATES)('are refused where it is not: %s', (signedContent) => {
		const rules = { ...RULES, signedContent, fields: { type: 'event', notificationId: 'id' } };
		const form = signedBy(signedContent, 'event=ok&id=1');
		const headers = { ...form.headers, 'content-type': 'application/x-www-form-urlencoded' };
		expect(reasonOf(verdict({ ...form, headers }, rules))).toBe('malformed_body');
		expect(reasonOf(verdict(signedBy(signedContent, '17'), rules))).toBe('malformed_body');
		// JSON under the name of a form, in which an `&` would begin another field.
		const json = signedBy(signedContent, '{"event":"&event=ok&id=1&"}');
		const named = { ...json.headers, 'content-type': 'application/x-www-form-urlencoded' };
		expect(verdict({ ...json, headers: named }, rules)).toMatchObject({
			events: [{ type: 'unknown', providerEvent: '&event=ok&id=1&' }],
		});
	});

	it('may have one, which no id then has in it', () => {
		const rules = { ...RULES, idHeader: 'x-acme-id', signedContent: '{id}.{timestamp}.{body}' };
		const sent = (id: string): RawRequest => {
			const value = `v1=${hmac(`${id}.${SIGNED_AT}.${generic.body}`).toString('hex')}`;
			const timestamp = String(SIGNED_AT);
			return post({ 'x-acme-id': id, 'x-acme-timestamp': timestamp, 'x-acme-signature': value });
		};
		expect(reasonOf(verdict(sent('e-1'), rules))).toBe('accepted');
		expect(reasonOf(verdict(sent('e.1'), rules))).toBe('malformed_signature');
	});
});

describe('a signature by rules', () => {
	it.each(['sha1', 'sha256', 'sha512'] as const)('may be %s, in each encoding', (algorithm) => {
		for (const encoding of ['hex', 'base64', 'base64url'] as const) {
			const value = `v1=${hmac(generic.body, algorithm).toString(encoding)}`;
			const rules = { ...TIMELESS, algorithm, encoding };
			expect(reasonOf(verdict(post({ 'x-acme-signature': value }), rules))).toBe('accepted');
			expect(reasonOf(verdict(post({ 'x-acme-signature': value }), rules, 'x'))).toBe(
				'bad_signature',
			);
		}
	});

	it('covers everything that the template names, in its order', () => {
		const rules = {
			...RULES,
			idHeader: 'X-Acme-Id',
			signedContent: '{method} {url}\n{id}:{timestamp}:{body}',
		};
		const content = `POST ${SCENE_URL}\ne-1:${SIGNED_AT}:${generic.body}`;
		const headers = {
			'x-acme-id': 'e-1',
			'x-acme-timestamp': String(SIGNED_AT),
			'x-acme-signature': `v1=${hmac(content).toString('hex')}`,
		};
		expect(verdict(post(headers), rules)).toMatchObject({ ok: true, events: [{ eventId: 'e-1' }] });
		expect(reasonOf(verdict({ ...post(headers), method: 'PUT' }, rules))).toBe('bad_signature');
		expect(reasonOf(verdict({ ...post(headers), url: '/x' }, rules))).toBe('bad_signature');
		expect(reasonOf(verdict(post({ ...headers, 'x-acme-id': 'e-2' }), rules))).toBe(
			'bad_signature',
		);
	});

	it('takes what looks like a place inside the body for text', () => {
		const body = JSON.stringify({ event: '{timestamp}{body}$&', data: { id: '{id}' } });
		const headers = {
			'x-acme-timestamp': String(SIGNED_AT),
			'x-acme-signature': `v1=${hmac(`${SIGNED_AT}.${body}`).toString('hex')}`,
		};
		expect(verdict(post(headers, body), RULES)).toMatchObject({
			ok: true,
			events: [{ type: 'unknown', providerEvent: '{timestamp}{body}$&', notificationId: '{id}' }],
		});
	});

	it('covers the bytes of the body, not a text of them', () => {
		const body = Buffer.from([0xff, 0xfe]);
		const digest = createHmac('sha256', SECRET).update(body).digest('hex');
		const request = { ...post({ 'x-acme-signature': `v1=${digest}` }), body };
		expect(reasonOf(verdict(request, TIMELESS))).toBe('accepted');
		const other = { ...request, body: Buffer.from([0xfe, 0xff]) };
		expect(reasonOf(verdict(other, TIMELESS))).toBe('bad_signature');
	});

	it('may have a time in milliseconds', () => {
		const at = (ms: number): RawRequest =>
			post({
				'x-acme-timestamp': String(ms),
				'x-acme-signature': `v1=${hmac(`${ms}.${generic.body}`).toString('hex')}`,
			});
		expect(reasonOf(verdict(at(now - 300_000), RULES))).toBe('accepted');
		expect(reasonOf(verdict(at(now - 300_001), RULES))).toBe('stale');
		expect(reasonOf(verdict(at(now + 300_001), RULES))).toBe('future');
	});

	it.each(['hex', 'base64'] as const)('may have a secret in %s', (secretEncoding) => {
		const key = Buffer.from([0, 1, 2, 250, 251, 252]);
		const rules = { ...TIMELESS, secretEncoding };
		const headers = {
			'x-acme-signature': `v1=${hmac(generic.body, 'sha256', key).toString('hex')}`,
		};
		expect(reasonOf(verdict(post(headers), rules, key.toString(secretEncoding)))).toBe('accepted');
		expect(reasonOf(verdict(post(headers), rules, '\u0000 not encoded'))).toBe('bad_signature');
	});

	it('may be ed25519, with the public key as the secret', () => {
		const { publicKey, privateKey } = generateKeyPairSync('ed25519');
		const { x = '' } = publicKey.export({ format: 'jwk' });
		const rules: GenericRules = { ...TIMELESS, algorithm: 'ed25519', secretEncoding: 'hex' };
		const value = sign(null, Buffer.from(generic.body), privateKey).toString('hex');
		const request = post({ 'x-acme-signature': `v1=${value}` });
		const key = Buffer.from(x, 'base64url').toString('hex');
		expect(reasonOf(verdict(request, rules, key))).toBe('accepted');
		expect(reasonOf(verdict(request, rules, 'ab'.repeat(32)))).toBe('bad_signature');
		expect(reasonOf(verdict(request, rules, 'abcd'))).toBe('bad_signature');
	});

	it.each([
		['another prefix', { 'x-acme-signature': 'v2=00' }, 'malformed_signature'],
		['another encoding', { 'x-acme-signature': 'v1=~' }, 'malformed_signature'],
		['half a digest', { 'x-acme-signature': 'v1=ab' }, 'bad_signature'],
		['no time', {}, 'missing_header'],
		['a time in words', { 'x-acme-timestamp': 'now' }, 'bad_timestamp'],
	])('is refused with %s', (_what, headers, reason) => {
		const complete = { 'x-acme-signature': `v1=${'ab'.repeat(32)}` };
		const time = reason === 'bad_signature' || reason === 'malformed_signature';
		const request = post({
			...complete,
			...(time ? { 'x-acme-timestamp': String(SIGNED_AT) } : {}),
			...headers,
		});
		expect(reasonOf(verdict(request, RULES))).toBe(reason);
	});
});

describe('reading by rules', () => {
	const read = (payload: unknown, fields: Partial<GenericRules['fields']>): Received => {
		const body = JSON.stringify(payload);
		const headers = { 'x-acme-signature': `v1=${hmac(body).toString('hex')}` };
		return verdict(post(headers, body), { ...TIMELESS, fields: { ...RULES.fields, ...fields } });
	};

	it('finds facts by their paths', () => {
		const payload = {
			event: 'notification.failed',
			data: { id: 7, to: 'a@b.c', at: 1_700_000_000, via: ['sms'], why: { code: 42, text: 'no' } },
			id: 'evt-1',
		};
		const received = read(payload, {
			eventId: 'id',
			channel: 'data.via.0',
			occurredAt: 'data.at',
			errorCode: 'data.why.code',
			errorMessage: 'data.why.text',
		});
		expect(received).toMatchObject({
			ok: true,
			events: [
				{
					type: 'notification.failed',
					eventId: 'evt-1',
					notificationId: '7',
					channel: 'sms',
					recipient: 'a@b.c',
					occurredAt: '2023-11-14T22:13:20.000Z',
					error: { code: '42', message: 'no' },
				},
			],
		});
	});

	it.each(['__proto__.x', 'constructor.name', 'data.toString', 'data.id.length'])(
		'finds nothing at %s, which the payload does not have',
		(channel) => {
			const received = read({ event: 'ok', data: { id: 'm' } }, { channel });
			expect(received.ok && received.events[0]).not.toHaveProperty('channel');
		},
	);

	it('means nothing by words that objects inherit', () => {
		expect(read({ event: 'constructor', data: { id: 'm' } }, {})).toMatchObject({
			events: [{ type: 'unknown', providerEvent: 'constructor' }],
		});
	});

	it('reads a list of events, and passes on what is none', () => {
		const events = [{ event: 'ok', data: { id: 'a' } }, { event: 'ok' }, 7];
		expect(read({ events }, { events: 'events' })).toMatchObject({
			ok: true,
			events: [{ notificationId: 'a' }, { providerEvent: 'ok' }, { unreadable: true, raw: 7 }],
		});
		expect(read({ events: 'none' }, { events: 'events' })).toMatchObject({
			events: [{ type: 'unknown', unreadable: true, raw: 'none' }],
		});
	});

	it('reads a form', () => {
		const body = 'event=ok&id=m+1';
		const headers = {
			'content-type': 'application/x-www-form-urlencoded',
			'x-acme-signature': `v1=${hmac(body).toString('hex')}`,
		};
		const rules = { ...TIMELESS, fields: { type: 'event', notificationId: 'id' } };
		expect(verdict(post(headers, body), rules)).toMatchObject({
			events: [{ type: 'notification.delivered', notificationId: 'm 1' }],
		});
	});
});
