import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two digests are equal, in constant time; of other lengths they never are. */
export function sameBytes(claimed: Uint8Array, expected: Uint8Array): boolean {
	return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

/** Whether two secrets are equal, in a time that tells neither where they differ nor how long the right one is. */
export function sameSecret(claimed: string, expected: string): boolean {
	const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
	return expected !== '' && timingSafeEqual(digest(claimed), digest(expected));
}
