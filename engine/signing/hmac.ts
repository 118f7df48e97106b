import { createHmac } from 'node:crypto';
import { signingKey } from './keys.ts';
import { isKeyedDigest } from './keyed-digest.ts';

/** The HMAC-SHA256 of the parts, one after the other, in hex. The key is the whole text of the secret. */
export function hexHmac(secret: string, ...parts: readonly (string | Uint8Array)[]): string {
	const hmac = createHmac('sha256', signingKey(secret));
	for (const part of parts) hmac.update(part);
	return hmac.digest('hex');
}

/**
 * Verifies `hexHmac`: true when one of the secrets gives one of these HMACs over the parts. An empty secret never
 * matches.
 */
export function isHmacOfOne(
	secrets: readonly string[],
	claimedHex: string | readonly string[],
	...parts: readonly (string | Uint8Array)[]
): boolean {
	const keys = secrets.filter((secret) => secret !== '').map(signingKey);
	const claimed =
		typeof claimedHex === 'string'
			? Buffer.from(claimedHex, 'hex')
			: claimedHex.map((hex) => Buffer.from(hex, 'hex'));
	return isKeyedDigest('sha256', keys, claimed, ...parts);
}
