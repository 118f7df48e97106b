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
		[
			'have a part of a header that is the secret itself',
			{ ...TIMELESS, algorithm: 'none', signaturePart: 'v1' },
			/^signaturePart: .*the secret itself/,
		],
		['have a time in a list that is none', { ...RULES, timestampPart: 't' }, /signaturePart/],
		[
			'have two places for the time',
			{ ...RULES, signaturePart: 'v1', timestampPart: 't' },
			/^timestampPart: .* a timestampHeader/,
		],
		[
			'have one name for time and signature',
			{ ...TIMELESS, signedContent: '{timestamp}.{body}', signaturePart: 't', timestampPart: 't' },
			/^timestampPart: is the name of the signature/,
		],
		[
			'do not sign the time in a list',
			{ ...TIMELESS, signaturePart: 'v1', timestampPart: 't' },
			/^timestampPart: .*anybody could change the timestamp/,
		],
		['name a part by nothing', { ...TIMELESS, signaturePart: '' }, /signaturePart: is not a name/],
		[
			'have a bounce that is neither',
			{ ...RULES, bounceTypes: { maybe: 'medium' } },
			/bounceTypes\.maybe: is neither hard nor soft/,
		],
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

describe('a list in one header', () => {
	/** https://github.com/frain-dev/convoy/blob/main/pkg/signature/testdata/signature-vectors.json */
	const CONVOY = {
		secret: 'convoy-webhook-secret',
		body: '{"event":"charge.success","amount":1000,"currency":"NGN"}',
		time: 't=1700000000',
		hex: 'v1=77b8b9269f25a199846a55a2bd25b3fba151c70fdae60bb1dcd87fbbc943c55c',
		other: 'v1=449623e4897bbde05e35358293f97b8c2f697367ffa3e7466e98178dfba44d19',
		base64:
			'v1=shIuJSzSWCzyJcsrjUzu3p40Mp4v6VwCYZw+1dSj2ac+a+ry3/jnbXGmk64ZjO5AaF7tEq1O4uAz3C0Dme3gVw==',
	};
	const rules: GenericRules = {
		algorithm: 'sha256',
		encoding: 'hex',
		signatureHeader: 'x-convoy-signature',
		signaturePart: 'v1',
		timestampPart: 't',
		signedContent: '{timestamp},{body}',
		secretEncoding: 'utf8',
		fields: { type: 'event', notificationId: 'id' },
		types: {},
	};
	const verdictOf = (header: string, change: Partial<GenericRules> = {}, late = 0): Received =>
		receive('generic', post({ 'x-convoy-signature': header }, CONVOY.body), [CONVOY.secret], {
			now: (1_700_000_000 + late) * 1000,
			generic: { ...rules, ...change },
		});

	it.each<[string, string, Partial<GenericRules>]>([
		['hex', `${CONVOY.time},${CONVOY.hex}`, {}],
		['base64', `${CONVOY.time},${CONVOY.base64}`, { algorithm: 'sha512', encoding: 'base64' }],
		['the time behind it', `${CONVOY.hex},${CONVOY.time}`, {}],
		['two secrets', `${CONVOY.time},${CONVOY.other},${CONVOY.hex}`, {}],
		['another version', `${CONVOY.time},${CONVOY.hex},v0=${'6f'.repeat(32)}`, {}],
		['one in another encoding', `${CONVOY.time},v1=xdz+2j9a==,${CONVOY.hex}`, {}],
		['blanks', `${CONVOY.time}, ${CONVOY.hex}`, {}],
		['semicolons', `${CONVOY.time};${CONVOY.hex}`, {}],
		['text before it', `HMAC ${CONVOY.time},${CONVOY.hex}`, { signaturePrefix: 'HMAC ' }],
	])('is read as Convoy writes it, with %s', (_what, header, change) => {
		expect(verdictOf(header, change)).toMatchObject({
			ok: true,
			events: [{ providerEvent: 'charge.success', occurredAt: '2023-11-14T22:13:20.000Z' }],
		});
	});

	it.each([
		['another signature', `${CONVOY.time},${CONVOY.other}`, 'bad_signature'],
		[
			'its signature under another name',
			`${CONVOY.time},${CONVOY.hex.replace('v1', 'v0')}`,
			'malformed_signature',
		],
		['another time', `t=1700000001,${CONVOY.hex}`, 'bad_signature'],
		['no time', CONVOY.hex, 'malformed_signature'],
		['two times', `${CONVOY.time},t=1700000001,${CONVOY.hex}`, 'malformed_signature'],
		['a time without end', `t=Infinity,${CONVOY.hex}`, 'bad_timestamp'],
		['nothing but names', 't=,v1=', 'malformed_signature'],
		['too many parts', `${CONVOY.time},${CONVOY.hex}${',v1=00'.repeat(15)}`, 'malformed_signature'],
	])('is refused with %s', (_what, header, reason) => {
		expect(reasonOf(verdictOf(header))).toBe(reason);
	});

	it('has the age of its time', () => {
		const header = `${CONVOY.time},${CONVOY.hex}`;
		expect(reasonOf(verdictOf(header, {}, 300))).toBe('accepted');
		expect(reasonOf(verdictOf(header, {}, 301))).toBe('stale');
	});

	it('may have a time in a header of its own', () => {
		const { timestampPart: _none, ...timeless } = rules;
		const request = post({ 'x-convoy-signature': CONVOY.hex, 'x-time': '1700000000' }, CONVOY.body);
		const received = receive('generic', request, [CONVOY.secret], {
			now: 1_700_000_000_000,
			generic: { ...timeless, timestampHeader: 'x-time' },
		});
		expect(reasonOf(received)).toBe('accepted');
	});

	it('costs few passes of ed25519 over a body', () => {
		const { publicKey, privateKey } = generateKeyPairSync('ed25519');
		const { x = '' } = publicKey.export({ format: 'jwk' });
		const asymmetric: GenericRules = {
			...TIMELESS,
			algorithm: 'ed25519',
			secretEncoding: 'hex',
			signaturePart: 'e',
		};
		const right = `e=${sign(null, Buffer.from(generic.body), privateKey).toString('hex')}`;
		const wrong = `e=${'ab'.repeat(64)}`;
		const sent = (...parts: string[]): string => {
			const request = post({ 'x-acme-signature': `v1=${parts.join(',')}` });
			return reasonOf(verdict(request, asymmetric, Buffer.from(x, 'base64url').toString('hex')));
		};
		expect(sent(wrong, wrong, wrong, right)).toBe('accepted');
		expect(sent(wrong, wrong, wrong, wrong, right)).toBe('malformed_signature');
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

	it('finds what stands under a name that varies, where it is the only one', () => {
		const fields = { type: 'msys.*.type', notificationId: 'msys.*.id' };
		expect(read({ msys: { track_event: { type: 'open', id: 'm' } } }, fields)).toMatchObject({
			events: [{ providerEvent: 'open', notificationId: 'm' }],
		});
		for (const msys of [{}, { a: { type: 'x' }, b: { type: 'y' } }, [{ type: 'x' }], 'x', null]) {
			expect(read({ msys }, fields)).toMatchObject({
				events: [{ type: 'unknown', unreadable: true, raw: { msys } }],
			});
		}
		expect(read({ msys: { a: { type: 'x' }, '*': { type: 'y' } } }, fields)).toMatchObject({
			events: [{ providerEvent: 'y' }],
		});
	});

	it('reads words that are yes or no', () => {
		const types = { true: 'notification.delivered' };
		const body = '{"data":{"id":"m"},"done":true}';
		const request = post({ 'x-acme-signature': `v1=${hmac(body).toString('hex')}` }, body);
		const rules = { ...TIMELESS, fields: { ...RULES.fields, type: 'done' }, types };
		expect(verdict(request, rules)).toMatchObject({
			events: [{ type: 'notification.delivered', providerEvent: 'true' }],
		});
	});

	it('gives an event the id that it had before rules could say more', () => {
		const KNOWN_ID = 'generic_8ec98b0f64296b4a1231bffb7e81e373';
		const payload = { event: 'ok', data: { id: 'm', at: 1_700_000_000 }, why: 'x' };
		const idWith = (fields: Partial<GenericRules['fields']>): unknown => {
			const received = read(payload, { occurredAt: 'data.at', ...fields });
			return received.ok && received.events[0]?.eventId;
		};
		expect(idWith({})).toBe(KNOWN_ID);
		expect(idWith({ subtype: 'none', bounceType: 'why' })).toBe(KNOWN_ID);
		expect(idWith({ subtype: 'why' })).not.toBe(KNOWN_ID);
	});
});

describe('providers that have no receiver of their own', () => {
	/** They sign nothing: a header of one's own, or Basic authorization, proves who sends. */
	const unsigned = (
		rules: Pick<GenericRules, 'fields' | 'types' | 'bounceTypes'>,
	): GenericRules => ({
		algorithm: 'none',
		encoding: 'hex',
		signatureHeader: 'authorization',
		signaturePrefix: 'Basic ',
		signedContent: '',
		secretEncoding: 'utf8',
		...rules,
	});
	const eventsOf = (rules: GenericRules, payload: unknown): unknown => {
		const secret = Buffer.from('user:password').toString('base64');
		const request = post({ authorization: `Basic ${secret}` }, JSON.stringify(payload));
		const received = verdict(request, rules, secret);
		return received.ok && received.events;
	};

	/** https://developers.sparkpost.com/api/webhooks; the codes: https://support.sparkpost.com/docs/deliverability/bounce-classification-codes */
	const SPARKPOST = unsigned({
		fields: {
			type: 'msys.*.type',
			notificationId: 'msys.*.transmission_id',
			eventId: 'msys.*.event_id',
			recipient: 'msys.*.rcpt_to',
			occurredAt: 'msys.*.timestamp',
			bounceType: 'msys.*.bounce_class',
			errorCode: 'msys.*.error_code',
			errorMessage: 'msys.*.raw_reason',
		},
		types: {
			delivery: 'notification.delivered',
			bounce: 'notification.bounced',
			delay: 'notification.retrying',
			open: 'notification.opened',
		},
		bounceTypes: { 10: 'hard', 30: 'hard', 90: 'hard', 20: 'soft', 22: 'soft' },
	});

	it('such as SparkPost, whose events have a name each', () => {
		const common = { rcpt_to: 'recipient@example.com', transmission_id: '84345317650824116' };
		const reason = '550 5.1.1 <recipient@example.com>: Recipient address rejected: User unknown';
		const payload = [
			{
				msys: {
					message_event: {
						type: 'bounce',
						bounce_class: '10',
						error_code: '550',
						event_id: '84345317653491230',
						raw_reason: reason,
						timestamp: '1464824548',
						...common,
					},
				},
				cust: { id: '00000' },
			},
			{
				msys: {
					message_event: {
						type: 'delay',
						bounce_class: '22',
						event_id: '84345317653675522',
						timestamp: '1464825748',
						...common,
					},
				},
			},
			{ msys: { track_event: { type: 'open', event_id: '84345317653675523', ...common } } },
			{ msys: {} },
		];
		const events = eventsOf(SPARKPOST, payload);
		expect(events).toMatchObject([
			{
				type: 'notification.bounced',
				eventId: '84345317653491230',
				notificationId: '84345317650824116',
				bounceType: 'hard',
				recipient: 'recipient@example.com',
				error: { code: '550', message: reason },
				occurredAt: '2016-06-01T23:42:28.000Z',
			},
			{ type: 'notification.retrying', final: false },
			{ type: 'notification.opened', eventId: '84345317653675523' },
			{ type: 'unknown', unreadable: true, raw: { msys: {} } },
		]);
		expect(Array.isArray(events) && events[1]).not.toHaveProperty('bounceType');
	});

	/** https://dev.mailjet.com/email/guides/webhooks; of `greylisted` it says that delivery is tried again. */
	const MAILJET = unsigned({
		fields: {
			type: 'event',
			subtype: 'error',
			notificationId: 'Message_GUID',
			recipient: 'email',
			occurredAt: 'time',
			bounceType: 'hard_bounce',
			errorCode: 'error',
			errorMessage: 'comment',
		},
		types: {
			sent: 'notification.delivered',
			bounce: 'notification.bounced',
			'bounce/greylisted': 'notification.retrying',
			'blocked/preblocked': 'notification.suppressed',
			blocked: 'notification.failed',
		},
		bounceTypes: { true: 'hard', false: 'soft' },
	});

	it('such as Mailjet, which calls a mail bounced that it sends again', () => {
		const bounce = {
			event: 'bounce',
			time: 1430812195,
			MessageID: 13792286917004336,
			Message_GUID: '1ab23cd4-e567-8901-2345-6789f0gh1i2j',
			email: 'bounce@mailjet.com',
			mj_campaign_id: 0,
			mj_contact_id: 0,
			customcampaign: '',
			CustomID: 'helloworld',
			Payload: '',
			blocked: false,
			hard_bounce: true,
			error_related_to: 'recipient',
			error: 'user unknown',
			comment: 'Host or domain name not found.',
		};
		const common = { notificationId: bounce.Message_GUID, recipient: bounce.email };
		expect(eventsOf(MAILJET, bounce)).toMatchObject([
			{
				...common,
				type: 'notification.bounced',
				bounceType: 'hard',
				final: true,
				error: { code: 'user unknown', message: bounce.comment },
				occurredAt: '2015-05-05T07:49:55.000Z',
			},
		]);
		const greylisted = {
			...bounce,
			hard_bounce: false,
			error_related_to: 'domain',
			error: 'greylisted',
		};
		const full = { ...bounce, hard_bounce: false, error: 'quota exceeded' };
		const preblocked = {
			...bounce,
			event: 'blocked',
			hard_bounce: undefined,
			error_related_to: 'mailjet',
			error: 'preblocked',
		};
		const duplicate = { ...preblocked, error: 'duplicate in campaign' };
		const events = eventsOf(MAILJET, [greylisted, full, preblocked, duplicate]);
		expect(events).toMatchObject([
			{ ...common, type: 'notification.retrying', final: false, providerEvent: 'bounce' },
			{ ...common, type: 'notification.bounced', bounceType: 'soft' },
			{ ...common, type: 'notification.suppressed', providerEvent: 'blocked' },
			{ ...common, type: 'notification.failed' },
		]);
		expect(Array.isArray(events) && events[0]).not.toHaveProperty('bounceType');
	});

	it('says hard and soft in their own words where the rules name no others', () => {
		const rules = { ...MAILJET, bounceTypes: undefined };
		for (const [said, bounceType] of [
			['hard', 'hard'],
			['soft', 'soft'],
			['medium', undefined],
			['constructor', undefined],
		]) {
			const payload = { event: 'bounce', Message_GUID: 'm', hard_bounce: said };
			expect(eventsOf(rules, payload)).toEqual([
				expect.objectContaining({
					type: 'notification.bounced',
					...(bounceType === undefined ? {} : { bounceType }),
				}),
			]);
			if (bounceType === undefined) {
				expect(JSON.stringify(eventsOf(rules, payload))).not.toContain('bounceType');
			}
		}
	});
});
