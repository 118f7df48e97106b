import { createHmac, type KeyObject } from 'node:crypto';
import { sameBytes } from './compare.ts';

export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/**
 * True when one of the keys gives one of these HMACs over the parts, one after the other, in constant time. Each key
 * makes one pass over the parts, however many are claimed.
 */
export function isKeyedDigest(
	algorithm: DigestAlgorithm,
	keys: readonly KeyObject[],
	claimed: Uint8Array | readonly Uint8Array[],
	...parts: readonly (string | Uint8Array)[]
): boolean {
	return keys.some((key) => {
		const hmac = createHmac(algorithm, key);
		for (const part of parts) hmac.update(part);
		// A digest as text is faster than as a Buffer, which is not allocated from Node's pool.
		const digest = Buffer.from(hmac.digest('binary'), 'binary');
		return claimed instanceof Uint8Array
			? sameBytes(claimed, digest)
			: claimed.some((one) => sameBytes(one, digest));
	});
}
