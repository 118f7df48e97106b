import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
	explainRejection,
	type Explanation,
	type ProviderId,
	type RawRequest,
	receive,
} from '@sureping/engine';
import { pythonJson } from '../../../engine/signing/python-json.ts';
import { ONE_PING_DELIVERED } from '../../support/one-ping-samples.ts';
import { NOW, SECRET, SIGNED_AT, signedRequest } from '../../support/signed-request.ts';

const SIGNATURE = 'x-oneping-signature';
const TIMESTAMP = 'x-oneping-timestamp';

interface Told extends Explanation {
	readonly reason: string;
	readonly codes: readonly string[];
}

function explain(
	request: RawRequest,
	{
		secrets = [SECRET],
		now = NOW,
		provider = 'one-ping' as ProviderId,
	}: { secrets?: readonly string[]; now?: number; provider?: ProviderId } = {},
): Told {
	const received = receive(provider, request, secrets, { now });
	if (received.ok) throw new Error('It was accepted');
	const told = explainRejection(received.reason, provider, request, secrets, { now });
	return { ...told, reason: received.reason, codes: told.mistakes.map(({ code }) => code) };
}

/** One-Ping's event with things in it that serialisers write in different ways. */
const EVENT = { ...ONE_PING_DELIVERED, recipient: 'Zoë <a/b>', metadata: { b: 1, a: [1.5, 'x'] } };
const TEXT = JSON.stringify(EVENT);

const hmac = (key: string | Buffer, text: string, algorithm = 'sha256'): Buffer =>
	createHmac(algorithm, key).update(text).digest();
const hex = (digest: Buffer): string => `sha256=${digest.toString('hex')}`;

/** A request with this header's value, and this body. */
function request(
	signature: string,
	{
		body = TEXT,
		timestamp = String(SIGNED_AT),
		more = {},
	}: {
		body?: string;
		timestamp?: string;
		more?: Record<string, string | string[]>;
	} = {},
): RawRequest {
	return {
		method: 'POST',
		url: '/',
		headers: { [SIGNATURE]: signature, [TIMESTAMP]: timestamp, ...more },
		body: Buffer.from(body),
	};
}
const genuine = (text: string): string => hex(hmac(SECRET, `${SIGNED_AT}.${text}`));

describe('the explanation of a refusal', () => {
	describe('finds what happened to the body', () => {
		it.each<[string, string, string]>([
			['body_reserialised', JSON.stringify(EVENT, null, 2), TEXT],
			['body_reserialised', JSON.stringify(EVENT, null, '\t'), JSON.stringify(EVENT, null, 4)],
			['body_written_by_python', pythonJson(EVENT), TEXT],
			['body_escaped_otherwise', TEXT.replace('ë', '\\u00eb'), TEXT],
			['body_escaped_otherwise', TEXT.replaceAll('/', '\\/').replace('ë', '\\u00eb'), TEXT],
			['body_escaped_otherwise', TEXT.replace('<', '\\u003c').replace('>', '\\u003e'), TEXT],
			[
				'body_keys_reordered',
				TEXT,
				JSON.stringify(Object.fromEntries(Object.entries(EVENT).sort())),
			],
			[
				'body_keys_reordered',
				JSON.stringify({
					channel: 'x',
					event: 'notification.delivered',
					metadata: { a: 1, b: 2 },
					notification_id: 'y',
				}),
				JSON.stringify({
					notification_id: 'y',
					metadata: { b: 2, a: 1 },
					event: 'notification.delivered',
					channel: 'x',
				}),
			],
			['body_has_added_line_break', `{"a": 1 }`, `{"a": 1 }\n`],
			['body_has_added_line_break', `{"a": 1 }`, `{"a": 1 }\r\n`],
			['body_lost_line_break', `{"a": 1 }\n`, `{"a": 1 }`],
			['body_line_ends_changed', `{\n"a": 1 }`, `{\r\n"a": 1 }`],
			['body_line_ends_changed', `{\r\n"a": 1 }`, `{\n"a": 1 }`],
			['body_has_byte_order_mark', `{"a": 1 }`, `\uFEFF{"a": 1 }`],
		])('%s', (code, signed, arrived) => {
			const told = explain(request(genuine(signed), { body: arrived }));
			expect([told.reason, told.codes]).toEqual(['bad_signature', [code]]);
		});

		it('compares it with its Content-Length', () => {
			const more = { 'content-length': String(TEXT.length + 1) };
			const cut = explain(request(genuine(TEXT), { body: TEXT.slice(0, -9), more }));
			expect(cut.codes).toEqual(['body_is_cut']);
			const longer = explain(request(genuine(TEXT), { body: `${TEXT}  and more`, more }));
			expect(longer.codes).toEqual(['body_is_longer']);
		});
	});

	describe('finds what happened to the secret', () => {
		const bytes = randomBytes(24);
		const encoded = `whsec_${bytes.toString('base64')}`;
		it.each<[string, string | Buffer, string]>([
			['secret_has_white_space', SECRET, ` ${SECRET}\n`],
			['secret_has_quotes', SECRET, `"${SECRET}"`],
			['secret_has_quotes', SECRET, `'${SECRET}'`],
			['secret_lacks_prefix', SECRET, SECRET.replace('whsec_', '')],
			['secret_lacks_padding', `${SECRET}=`, SECRET],
			['secret_lacks_padding', `${SECRET}==`, `"${SECRET}"`],
			['signed_without_prefix', SECRET.replace('whsec_', ''), SECRET],
			['signed_with_decoded_secret', bytes, encoded],
			['signed_with_decoded_secret', bytes, bytes.toString('hex')],
			['signed_with_line_break', `${SECRET}\n`, SECRET],
			['signed_with_unset_secret', '', SECRET],
			['signed_with_unset_secret', 'undefined', SECRET],
		])('%s', (code, key, secret) => {
			const told = explain(request(hex(hmac(key, `${SIGNED_AT}.${TEXT}`))), { secrets: [secret] });
			expect([told.reason, told.codes]).toEqual(['bad_signature', [code]]);
		});
	});

	describe('finds what is wrong with the signature', () => {
		const digest = hmac(SECRET, `${SIGNED_AT}.${TEXT}`);
		it.each<[string, string, string[]]>([
			['malformed_signature', digest.toString('hex'), ['signature_lacks_prefix']],
			['malformed_signature', `v1=${digest.toString('hex')}`, ['signature_has_other_prefix']],
			['malformed_signature', `sha256=${digest.toString('base64')}`, ['signature_is_base64']],
			['malformed_signature', `sha256=${digest.toString('base64url')}`, ['signature_is_base64']],
			[
				'malformed_signature',
				digest.toString('base64'),
				['signature_lacks_prefix', 'signature_is_base64'],
			],
			['malformed_signature', `"sha256=${digest.toString('hex')}"`, ['signature_has_quotes']],
			['malformed_signature', `sha256= ${digest.toString('hex')}`, ['signature_has_quotes']],
			[
				'malformed_signature',
				`t=${SIGNED_AT},v1=${digest.toString('hex')}`,
				['signature_is_a_list', 'signature_has_other_prefix'],
			],
			['malformed_signature', hex(digest).slice(0, -2), ['signature_is_cut']],
			[
				'malformed_signature',
				`sha1=${hmac(SECRET, `${SIGNED_AT}.${TEXT}`, 'sha1').toString('hex')}`,
				['signature_has_other_prefix', 'signature_is_sha1'],
			],
			[
				'malformed_signature',
				`sha256=${hmac(SECRET, `${SIGNED_AT}.${TEXT}`, 'sha512').toString('hex')}`,
				['signature_is_sha512'],
			],
			['bad_signature', hex(hmac(SECRET, TEXT)), ['signed_body_only']],
			['bad_signature', hex(hmac(SECRET, SIGNED_AT + TEXT)), ['signed_with_other_separator']],
			[
				'bad_signature',
				hex(hmac(SECRET, `v0:${SIGNED_AT}:${TEXT}`)),
				['signed_with_other_separator'],
			],
		])('%s: %s', (reason, signature, codes) => {
			const told = explain(request(signature));
			expect([told.reason, told.codes]).toEqual([reason, codes]);
		});

		it('knows Standard Webhooks’ way of signing', () => {
			const signature = hex(hmac(SECRET, `msg_1.${SIGNED_AT}.${TEXT}`));
			const told = explain(request(signature, { more: { 'webhook-id': 'msg_1' } }));
			expect(told.codes).toEqual(['signed_as_standard_webhooks']);
		});

		it('finds several mistakes at once', () => {
			const signature = hmac(SECRET, TEXT).toString('base64');
			const told = explain(request(signature, { body: `${TEXT}\n` }), { secrets: [`${SECRET}\n`] });
			expect([...told.codes].sort()).toEqual([
				'body_has_added_line_break',
				'secret_has_white_space',
				'signature_is_base64',
				'signature_lacks_prefix',
				'signed_body_only',
			]);
		});

		it('names none where none fits', () => {
			const told = explain(request(genuine(TEXT), { body: TEXT.replace('245', '246') }));
			expect(told.codes).toEqual([]);
			expect(told.received).toContain('No common mistake leads to it');
		});
	});

	describe('finds what is wrong with the headers', () => {
		const without = (more: Record<string, string | string[]>): RawRequest => ({
			...request(''),
			headers: more,
		});

		it('under which other name they came', () => {
			const told = explain(
				without({ 'x-webhook-signature': genuine(TEXT), 'x-webhook-timestamp': String(SIGNED_AT) }),
			);
			expect([told.reason, told.codes]).toEqual(['missing_header', ['header_has_other_name']]);
			expect(told.mistakes[0]?.message).toContain('X-Webhook-Signature, X-Webhook-Timestamp');
		});

		it('whose webhook it is', () => {
			const told = explain(without({ 'x-hub-signature-256': `sha256=${'a'.repeat(64)}` }));
			expect(told.mistakes[0]).toMatchObject({
				code: 'webhook_of_another',
				message: expect.stringContaining('GitHub'),
			});
		});

		it('that nothing is signed', () => {
			const told = explain(without({ 'content-type': 'application/json' }));
			expect([told.codes, told.received]).toEqual([
				['not_signed'],
				'no X-OnePing-Signature and no X-OnePing-Timestamp; the headers are Content-Type',
			]);
		});

		it('that one came twice', () => {
			const twice = { [SIGNATURE]: [genuine(TEXT), genuine(TEXT)] };
			expect(explain(request('', { more: twice })).codes).toEqual(['header_came_twice']);
			const times = { [TIMESTAMP]: [String(SIGNED_AT), String(SIGNED_AT)] };
			expect(explain(request(genuine(TEXT), { more: times })).codes).toEqual(['header_came_twice']);
		});
	});

	describe('finds what is wrong with the time', () => {
		it.each([
			[`${SIGNED_AT}000`, 'timestamp_in_milliseconds'],
			[`${SIGNED_AT}.5`, 'timestamp_has_a_fraction'],
			[` ${SIGNED_AT}`, 'timestamp_has_white_space'],
			['2024-01-15T09:50:00Z', 'timestamp_is_a_date'],
			['Mon, 15 Jan 2024 09:50:00 GMT', 'timestamp_is_a_date'],
		])('%j', (timestamp, code) => {
			const signature = hex(hmac(SECRET, `${timestamp}.${TEXT}`));
			const told = explain(request(signature, { timestamp }));
			expect([told.reason, told.codes]).toEqual(['bad_timestamp', [code]]);
		});

		it.each([
			[412, 'stale', 'by 412 s', 's before 2024'],
			[-3600, 'future', 'by 3600 s', 's after 2024'],
		])('a clock that is %d s off', (age, reason, by, distance) => {
			const told = explain(request(genuine(TEXT)), { now: NOW + age * 1000 });
			expect([told.reason, told.codes]).toEqual([reason, ['clock_is_off']]);
			expect(told.mistakes[0]?.message).toContain(by);
			expect(told.received).toContain(distance);
		});

		it('and does not blame the clock for a request that is forged as well', () => {
			const told = explain(request(hex(randomBytes(32))), { now: NOW + 412_000 });
			expect([told.reason, told.codes]).toEqual(['stale', []]);
		});
	});

	it.each(['one-ping', 'sureping'] as const)(
		'has nothing to say on a body that %s proves',
		(provider) => {
			const body = JSON.stringify({ event: 'notification.delivered' });
			const { headers } = request(genuine(body), { body });
			const sent = { method: 'POST', url: '/', headers, body: Buffer.from(body) };
			expect(receive(provider, sent, [SECRET], { now: NOW })).toMatchObject({ ok: true });
		},
	);

	it('names the rule and its documentation every time', () => {
		const told = explain(request(hex(randomBytes(32))));
		expect(told).toMatchObject({
			rule: expect.stringContaining('HMAC-SHA256'),
			documentation: 'One-Ping, Webhooks, "Security: Signature Verification"',
			expected: expect.any(String),
		});
	});

	it('never throws, and never tells the secret or a signature that is valid', () => {
		const valid = hmac(SECRET, `${SIGNED_AT}.${TEXT}`);
		const parts = fc.oneof(
			fc.constantFrom(valid.toString('hex'), valid.toString('base64'), genuine(TEXT), ''),
			fc.string({ unit: 'binary' }),
		);
		const property = fc.property(
			fc.record({
				signature: parts,
				timestamp: fc.oneof(fc.constant(String(SIGNED_AT)), fc.string(), fc.bigInt().map(String)),
				body: fc.oneof(fc.constant(TEXT), fc.string({ unit: 'binary' }), fc.json()),
				secret: fc.oneof(fc.constant(SECRET), fc.string()),
				now: fc.constantFrom(NOW, NOW + 1e6, 0),
				other: fc.option(parts, { nil: undefined }),
				provider: fc.constantFrom<ProviderId>('one-ping', 'sureping'),
			}),
			({ signature, timestamp, body, secret, now, other, provider }) => {
				const more = other === undefined ? {} : { 'x-signature': other };
				const made = request(signature, { timestamp, body, more });
				const received = receive(provider, made, [secret], { now });
				if (received.ok) return;
				const text = JSON.stringify(
					explainRejection(received.reason, provider, made, [secret], { now }),
				);
				expect(text).not.toContain(valid.toString('hex'));
				expect(text).not.toContain(valid.toString('base64'));
				if (secret.length > 8) expect(text).not.toContain(secret);
			},
		);
		fc.assert(property, { numRuns: 150 });
	});

	it('is not kept waiting by a large or a deep body', () => {
		const began = Date.now();
		const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
		expect(explain(request(genuine('x'), { body: deep })).codes).toEqual([]);
		expect(explain(request(genuine('x'), { body: 'x'.repeat(10_000_000) })).codes).toEqual([]);
		const lines = `${'\n'.repeat(200_000)}x`;
		expect(explain(request(genuine('x'), { body: lines })).codes).toEqual([]);
		expect(Date.now() - began).toBeLessThan(5_000);
	});

	it('takes the same signed request that is accepted', () => {
		expect(receive('one-ping', signedRequest(), [SECRET], { now: NOW }).ok).toBe(true);
	});
});
