import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { memoized } from '../memoized.ts';

/**
 * The HMAC key for a secret: the UTF-8 bytes of the whole text, any prefix such as `whsec_` included. Signing with a ready
 * `KeyObject` is about six times as fast as with a Buffer, so the key made of each secret is kept.
 */
export const signingKey = memoized((secret: string): KeyObject => createSecretKey(secret, 'utf8'));

/**
 * The key in a secret as Standard Webhooks writes it: `whsec_` and base64 for an HMAC key (the prefix may be missing),
 * `whpk_` and base64 for an ed25519 public key. Undefined for anything else (Standard Webhooks 1.0.0, "Signature scheme").
 */
export const standardWebhooksKey = memoized((secret: string): KeyObject | undefined => {
	const [, prefix = 'whsec_', text = ''] = /^(whsec_|whpk_)?(.*)$/s.exec(secret) ?? [];
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
	const bytes = Buffer.from(text, 'base64');
	if (bytes.length === 0) return undefined;
	return prefix === 'whpk_' ? ed25519Key(bytes) : createSecretKey(bytes);
});

function ed25519Key(bytes: Buffer): KeyObject | undefined {
	if (bytes.length !== 32) return undefined;
	const x = bytes.toString('base64url');
	return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

const PEM = /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----$/;

/** A P-256 public key in PEM, or in the base64 of its SPKI as vendors show it (RFC 5480); undefined for anything else. */
export const ecdsaKey = memoized((secret: string): KeyObject | undefined => {
	const [, wrapped = secret] = PEM.exec(secret.trim()) ?? [];
	const base64 = wrapped.replace(/\s/g, '');
	const der = Buffer.from(base64, 'base64');
	// Node skips characters that are not base64 and ignores bytes behind the key.
	if (der.toString('base64') !== base64) return undefined;
	try {
		const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
		const isWhole = key.export({ format: 'der', type: 'spki' }).equals(der);
		const isP256 = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
		return isWhole && isP256 ? key : undefined;
	} catch {
		return undefined;
	}
});
