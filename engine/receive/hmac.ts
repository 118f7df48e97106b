import { createHmac } from 'node:crypto';
import { signingKey } from '../signing-key.ts';
import { sameBytes } from './compare.ts';

/**
 * Whether one of the secrets gives this HMAC-SHA256 over the parts, one after the other, in constant time. The key is
 * the whole text of a secret; an empty one signs nothing.
 */
export function isHmacOfOne(
	secrets: readonly string[],
	claimedHex: string,
	...parts: readonly (string | Uint8Array)[]
): boolean {
	const claimed = Buffer.from(claimedHex, 'hex');
	return secrets.some((secret) => {
		if (secret === '') return false;
		const hmac = createHmac('sha256', signingKey(secret));
		for (const part of parts) hmac.update(part);
		return sameBytes(claimed, hmac.digest());
	});
}
