import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RawRequest } from '../verify/verification.ts';
import { type ReadDigest, readDigests } from './digests.ts';
import type { MistakeCode } from './mistakes.ts';
import { bodyVariants, prefixVariants, secretVariants } from './variants.ts';

/** Longest body that is searched: a larger one would take too long, and a part of it proves nothing. */
const LARGEST_BODY = 2 * 1024 * 1024;

/**
 * The shortest list of common mistakes that explains the signature: if they were made, one of the secrets gives exactly
 * this signature for this request. Undefined when no combination matches. The result never contains a signature. It is
 * for the person who has the secret and must not reach the sender of the request, who could use it to try secrets and
 * bodies.
 */
export function findSignature(
	{ signature, timestamp }: { signature: string; timestamp: string },
	{ headers, body }: RawRequest,
	secrets: readonly string[],
	memberOrder: readonly string[],
): readonly MistakeCode[] | undefined {
	const digests = readDigests(signature);
	if (digests.length === 0 || body.length > LARGEST_BODY) return undefined;
	const id = headers['webhook-id'] ?? headers['svix-id'];
	const prefixes = prefixVariants(timestamp, typeof id === 'string' ? id : undefined);
	const bodies = bodyVariants(body, memberOrder);
	const keys = secrets.flatMap(secretVariants);
	let best: readonly MistakeCode[] | undefined;
	for (const key of keys) {
		for (const prefix of prefixes) {
			for (const written of bodies) {
				const before = [...key.mistakes, ...prefix.mistakes, ...written.mistakes];
				for (const digest of digests) {
					const mistakes = [...before, ...digest.mistakes];
					if (best && mistakes.length >= best.length) continue;
					if (matches(digest, key.value, prefix.value, written.value)) best = mistakes;
				}
			}
		}
	}
	return best && [...new Set(best)];
}

function matches(
	{ algorithm, bytes }: ReadDigest,
	key: Buffer,
	prefix: string,
	body: Uint8Array,
): boolean {
	return timingSafeEqual(bytes, createHmac(algorithm, key).update(prefix).update(body).digest());
}
