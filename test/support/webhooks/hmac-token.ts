import { createHmac } from 'node:crypto';

/** A JWT by HMAC (RFC 7515 §7.1), as providers sign them. `jose` is an ES module only, which jest does not load. */
export function hmacToken(
	claims: Readonly<Record<string, unknown>>,
	secret: string,
	header: Readonly<Record<string, unknown>> = { alg: 'HS256', typ: 'JWT' },
): string {
	const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
	const content = `${part(header)}.${part(claims)}`;
	const digest = `sha${String(header.alg).slice(2)}`;
	return `${content}.${createHmac(digest, secret).update(content).digest('base64url')}`;
}
