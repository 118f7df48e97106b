import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares two digests in constant time. Digests of different lengths are never equal. */
export function sameBytes(claimed: Uint8Array, expected: Uint8Array): boolean {
	return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

/** Compares two secrets in constant time, which reveals neither where they differ nor how long the right one is. */
export function sameSecret(claimed: string, expected: string): boolean {
	const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
	return expected !== '' && timingSafeEqual(digest(claimed), digest(expected));
}

/** True when a claim is one of the secrets, in constant time. Empty secrets never match. */
export function isOneOf(secrets: readonly string[], claimed: string): boolean {
	return secrets.filter((secret) => sameSecret(claimed, secret)).length > 0;
}
