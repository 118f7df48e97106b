import { signingKey } from './keys.ts';
import { isKeyedDigest } from './keyed-digest.ts';

/** Whether one of the secrets gives this HMAC-SHA256, or one of these, over the parts. The key is the whole text of a secret; an empty one signs nothing. */
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
