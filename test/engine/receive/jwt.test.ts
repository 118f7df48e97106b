import { generateKeyPairSync } from 'node:crypto';
import { refuseTokenTime, verifyToken } from '../../../engine/receive/verify/jwt.ts';
import { inNode } from '../../support/es-module.ts';
import { hmacToken } from '../../support/webhooks/hmac-token.ts';

const SECRET = 'a secret that only two know';
const CLAIMS = { iss: 'Acme', n: 1 };

const verdict = (
	token: string,
	secrets: readonly string[] = [SECRET],
	algorithms: Parameters<typeof verifyToken>[2] = ['HS256', 'HS384', 'HS512'],
): unknown => {
	const verified = verifyToken(token, secrets, algorithms);
	return verified.ok ? verified.claims : verified.reason;
};

describe('a token by HMAC', () => {
	it.each(['HS256', 'HS384', 'HS512'])('gives its claims when it is signed by %s', (alg) => {
		expect(verdict(hmacToken(CLAIMS, SECRET, { alg }))).toEqual(CLAIMS);
		expect(verdict(hmacToken(CLAIMS, 'another', { alg }))).toBe('bad_signature');
	});

	it('is accepted as jose signs it', () => {
		const tokens = inNode(
			`import { SignJWT } from 'jose';
			const key = new TextEncoder().encode(input.secret.padEnd(64, '.'));
			const sign = (alg) => new SignJWT(input.claims).setProtectedHeader({ alg }).sign(key);
			output = await Promise.all(['HS256', 'HS384', 'HS512'].map(sign));`,
			{ secret: SECRET, claims: CLAIMS },
		) as string[]; // as the script has it
		for (const token of tokens) {
			expect(verdict(token, [SECRET.padEnd(64, '.')])).toEqual(CLAIMS);
			expect(verdict(token)).toBe('bad_signature');
		}
	});

	it('is verified as jwt.io’s well-known sample is', () => {
		const token =
			'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c';
		expect(verdict(token, ['your-256-bit-secret'])).toMatchObject({ name: 'John Doe' });
	});

	it('is tried with each secret, and with no empty one', () => {
		const token = hmacToken(CLAIMS, SECRET);
		expect(verdict(token, ['old', '', SECRET])).toEqual(CLAIMS);
		expect(verdict(hmacToken(CLAIMS, ''), [''])).toBe('bad_signature');
		expect(verdict(token, [])).toBe('bad_signature');
	});

	it.each([
		['none', { alg: 'none' }],
		['None', { alg: 'None' }],
		['hs256', { alg: 'hs256' }],
		['RS256', { alg: 'RS256' }],
		['a list', { alg: ['HS256'] }],
		['no algorithm', { typ: 'JWT' }],
		['rules that must be understood', { alg: 'HS256', crit: ['b64'], b64: false }],
	])('is refused when its header has %s', (_what, header) => {
		const [, payload, signature] = hmacToken(CLAIMS, SECRET).split('.');
		const changed = Buffer.from(JSON.stringify(header)).toString('base64url');
		expect(verdict([changed, payload, signature].join('.'))).toBe('malformed_signature');
		expect(verdict(`${changed}.${payload ?? ''}.`)).toBe('malformed_signature');
	});

	it('is refused by an algorithm that its sender does not use', () => {
		const token = hmacToken(CLAIMS, SECRET, { alg: 'HS512' });
		expect(verdict(token, [SECRET], ['HS256'])).toBe('malformed_signature');
	});

	it('is refused when a public key, which everybody knows, was the key of its HMAC', () => {
		const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
		const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
		expect(verdict(hmacToken(CLAIMS, pem), [pem])).toBe('bad_signature');
	});

	it.each([
		['two parts', 'a.b'],
		['four parts', `${hmacToken(CLAIMS, SECRET)}.e30`],
		['padding', `${hmacToken(CLAIMS, SECRET)}=`],
		['a header that is no JSON', `e.e30.${'A'.repeat(43)}`],
		['claims that are a list', hmacToken([] as never, SECRET)],
	])('is refused with %s', (_what, token) => {
		expect(verdict(token)).toBe('malformed_signature');
	});
});

describe('the time of a token', () => {
	const now = 1_000_000_500;

	it.each([
		['in its time', { nbf: 1_000_000, exp: 1_000_001 }, undefined],
		['without a time', {}, undefined],
		['just over', { exp: 1_000_000 }, 'stale'],
		['not yet begun', { nbf: 1_000_001 }, 'future'],
		['with an end in words', { exp: 'tomorrow' }, 'bad_timestamp'],
		['with an end that is null', { exp: null }, 'bad_timestamp'],
	])('%s', (_what, claims, reason) => {
		expect(refuseTokenTime(claims, now, 0)).toBe(reason);
	});

	it('may be off by the skew', () => {
		expect(refuseTokenTime({ exp: 999_996, nbf: 1_000_005 }, now, 5)).toBeUndefined();
		expect(refuseTokenTime({ exp: 999_995 }, now, 5)).toBe('stale');
		expect(refuseTokenTime({ nbf: 1_000_006 }, now, 5)).toBe('future');
	});
});
