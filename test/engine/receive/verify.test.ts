import { createHmac } from 'node:crypto';
import {
	DEFAULT_TOLERANCE_S,
	type RawRequest,
	receive,
	type ReceiveOptions,
	REJECTION_REASONS,
} from '@sureping/engine';
import { pythonJson } from '../../../engine/signing/python-json.ts';
import { ONE_PING_DELIVERED } from '../../support/one-ping-samples.ts';
import { NOW, SECRET, SIGNED_AT, signedRequest } from '../../support/signed-request.ts';

/** `accepted`, or the reason for the refusal. */
function verdict(
	request: RawRequest,
	secrets: readonly string[] = [SECRET],
	options: Partial<ReceiveOptions> = {},
): string {
	const received = receive('one-ping', request, secrets, { now: NOW, ...options });
	return received.ok ? 'accepted' : received.reason;
}

function withHeaders(headers: RawRequest['headers']): RawRequest {
	const request = signedRequest();
	return { ...request, headers: { ...request.headers, ...headers } };
}

describe('verifying a One-Ping webhook', () => {
	it('accepts a genuine request', () => {
		expect(verdict(signedRequest())).toBe('accepted');
	});

	it.each(['delivered', '245', '2025-01-15T10:30:05Z', '{', 'ORD'])(
		'refuses a body in which %j was changed',
		(part) => {
			const request = signedRequest();
			const text = request.body.toString();
			const tampered = text.replace(
				part,
				part.replace(/.$/, (end) => (end === '1' ? '2' : '1')),
			);
			expect(tampered).not.toBe(text);
			expect(verdict({ ...request, body: Buffer.from(tampered) })).toBe('bad_signature');
		},
	);

	it('refuses a timestamp that was not the signed one', () => {
		expect(verdict(withHeaders({ 'x-oneping-timestamp': String(SIGNED_AT + 1) }))).toBe(
			'bad_signature',
		);
	});

	it('refuses another secret, and the secret without its prefix', () => {
		expect(verdict(signedRequest(), ['whsec_other'])).toBe('bad_signature');
		expect(verdict(signedRequest(), ['test'])).toBe('bad_signature');
	});

	it('tries every secret, for rotation', () => {
		expect(verdict(signedRequest(), ['whsec_new', SECRET])).toBe('accepted');
		expect(verdict(signedRequest(), [SECRET, 'whsec_old'])).toBe('accepted');
	});

	it('accepts nothing without a secret, not even what was signed with an empty one', () => {
		const body = JSON.stringify(ONE_PING_DELIVERED);
		const digest = createHmac('sha256', '').update(`${SIGNED_AT}.${body}`).digest('hex');
		const forged = withHeaders({ 'x-oneping-signature': `sha256=${digest}` });
		expect(verdict(forged, [])).toBe('bad_signature');
		expect(verdict(forged, [''])).toBe('bad_signature');
		expect(verdict(signedRequest(), [])).toBe('bad_signature');
	});

	it.each([
		[0, 'accepted'],
		[DEFAULT_TOLERANCE_S, 'accepted'],
		[301, 'stale'],
		[-DEFAULT_TOLERANCE_S, 'accepted'],
		[-301, 'future'],
	])('finds an age of %d s %s', (age, expected) => {
		expect(verdict(signedRequest(), [SECRET], { now: NOW + age * 1000 })).toBe(expected);
	});

	it('keeps to the tolerance that it is given', () => {
		const aged = (age: number): string =>
			verdict(signedRequest(), [SECRET], { now: NOW + age * 1000, toleranceS: 10 });
		expect([aged(10), aged(11), aged(-10), aged(-11)]).toEqual([
			'accepted',
			'stale',
			'accepted',
			'future',
		]);
	});

	it.each<[string, RawRequest['headers'], string]>([
		['no signature', { 'x-oneping-signature': undefined }, 'missing_header'],
		['no timestamp', { 'x-oneping-timestamp': undefined }, 'missing_header'],
		['an empty signature', { 'x-oneping-signature': '' }, 'malformed_signature'],
		['a bare hex signature', { 'x-oneping-signature': 'a'.repeat(64) }, 'malformed_signature'],
		[
			'another algorithm',
			{ 'x-oneping-signature': `sha1=${'a'.repeat(40)}` },
			'malformed_signature',
		],
		['a short signature', { 'x-oneping-signature': 'sha256=abc' }, 'malformed_signature'],
		[
			'a long signature',
			{ 'x-oneping-signature': `sha256=${'a'.repeat(65)}` },
			'malformed_signature',
		],
		['no hex', { 'x-oneping-signature': `sha256=${'g'.repeat(64)}` }, 'malformed_signature'],
		[
			'two signatures as a list',
			{ 'x-oneping-signature': [signedRequest().headers['x-oneping-signature'] ?? '', 'x'] },
			'malformed_signature',
		],
		[
			'two signatures in one line',
			{ 'x-oneping-signature': `sha256=${'a'.repeat(64)}, sha256=${'a'.repeat(64)}` },
			'malformed_signature',
		],
		['a forged signature', { 'x-oneping-signature': `sha256=${'a'.repeat(64)}` }, 'bad_signature'],
		['two timestamps as a list', { 'x-oneping-timestamp': ['1705312200', '1'] }, 'bad_timestamp'],
		['two timestamps in one line', { 'x-oneping-timestamp': '1705312200, 1' }, 'bad_timestamp'],
		['a timestamp in words', { 'x-oneping-timestamp': 'now' }, 'bad_timestamp'],
		['a timestamp with a fraction', { 'x-oneping-timestamp': '1705312200.5' }, 'bad_timestamp'],
		['a timestamp with a sign', { 'x-oneping-timestamp': '-1705312200' }, 'bad_timestamp'],
		['a timestamp and a space', { 'x-oneping-timestamp': ' 1705312200' }, 'bad_timestamp'],
		['a hexadecimal timestamp', { 'x-oneping-timestamp': '0x65a50a48' }, 'bad_timestamp'],
		['a timestamp in milliseconds', { 'x-oneping-timestamp': '1705312200000' }, 'bad_timestamp'],
		['an endless timestamp', { 'x-oneping-timestamp': '9'.repeat(400) }, 'bad_timestamp'],
	])('refuses %s', (_what, headers, reason) => {
		expect(verdict(withHeaders(headers))).toBe(reason);
	});

	it('accepts a signature in capitals', () => {
		const upper = signedRequest().headers['x-oneping-signature']?.slice(7).toUpperCase();
		expect(verdict(withHeaders({ 'x-oneping-signature': `sha256=${upper}` }))).toBe('accepted');
	});

	it.each<[string, Uint8Array]>([
		['an empty body', Buffer.alloc(0)],
		['a body that is not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
		['a body that is not JSON', Buffer.from('hello')],
		[
			'JSON that nests too deep to be written again',
			Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)),
		],
	])('refuses %s with a wrong signature, and says so without throwing', (_what, body) => {
		expect(verdict({ ...signedRequest(), body })).toBe('bad_signature');
		const asked = { signatureInput: 'python-json' } as const;
		expect(verdict({ ...signedRequest(), body }, [SECRET], asked)).toBe('bad_signature');
	});

	it.each<[string, Uint8Array]>([
		['an empty body', Buffer.alloc(0)],
		['a body that is not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
		[
			'JSON with text that is not UTF-8',
			Buffer.from(JSON.stringify(ONE_PING_DELIVERED).replace('@username', '\xff'), 'latin1'),
		],
		['a body that is not JSON', Buffer.from('hello')],
		['a list', Buffer.from('[]')],
		['null', Buffer.from('null')],
		['an object without the facts', Buffer.from('{}')],
	])('accepts %s with the right signature, which nobody else could have sent', (_what, body) => {
		const digest = createHmac('sha256', SECRET).update(`${SIGNED_AT}.`).update(body).digest('hex');
		const request = { ...withHeaders({ 'x-oneping-signature': `sha256=${digest}` }), body };
		expect(verdict(request)).toBe('accepted');
	});

	it('accepts a body whose white space a proxy changed', () => {
		const spaced = Buffer.from(JSON.stringify(ONE_PING_DELIVERED, null, '\t'));
		expect(verdict({ ...signedRequest(), body: spaced })).toBe('accepted');
	});

	it('accepts raw bytes that no serialiser would write', () => {
		const text =
			'{ "event":"notification.delivered", "notification_id":"m\\u00e9", "n":1.0e3, "timestamp":"2025-01-15T10:30:05Z" }';
		expect(verdict(signedRequest(text))).toBe('accepted');
	});

	it('accepts a signature over the body alone only when asked, since its timestamp is not protected', () => {
		const request = signedRequest(undefined, { input: 'body-only' });
		expect(verdict(request)).toBe('bad_signature');
		expect(verdict(request, [SECRET], { signatureInput: 'python-json' })).toBe('bad_signature');
		expect(verdict(request, [SECRET], { signatureInput: 'body-only' })).toBe('accepted');
	});

	it('accepts Python’s spelling of a body that arrives compact only when asked', () => {
		const asPython = signedRequest(pythonJson(ONE_PING_DELIVERED), { input: 'python-json' });
		const compact = { ...asPython, body: Buffer.from(JSON.stringify(ONE_PING_DELIVERED)) };
		expect(verdict(asPython)).toBe('accepted');
		expect(verdict(compact)).toBe('bad_signature');
		expect(verdict(compact, [SECRET], { signatureInput: 'python-json' })).toBe('accepted');
	});

	it('accepts the timestamped form whatever else it is asked for', () => {
		for (const signatureInput of ['body-only', 'python-json'] as const) {
			expect(verdict(signedRequest(), [SECRET], { signatureInput })).toBe('accepted');
		}
	});

	it('has a sentence for every reason', () => {
		for (const sentence of Object.values(REJECTION_REASONS))
			expect(sentence).toMatch(/^[A-Z].{10,}/);
	});
});
