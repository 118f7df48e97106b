import type { OneTimeToken, TokenUse } from '../../engine/receive/index.ts';
import { BoundedMap } from './bounded-map.ts';

const MOST_TOKENS_PER_KEY = 10_000;
const MOST_KEYS = 1_000;

/**
 * `token → what came with it`, for providers whose signature covers nothing but a token (Mailgun). In this process, by
 * the signing key: a captured request cannot be used at another node, nor at a test URL.
 */
const byKey = new BoundedMap<BoundedMap<string>>(MOST_KEYS);

function usedWith(key: string): BoundedMap<string> {
	const used = byKey.get(key) ?? new BoundedMap<string>(MOST_TOKENS_PER_KEY);
	// Set anew, so that the key is the youngest.
	byKey.set(key, used);
	return used;
}

/** Remembers a token at its first use. */
export function useToken({ key, token, bodyHash }: OneTimeToken): TokenUse {
	const used = usedWith(key);
	const body = used.get(token);
	if (body !== undefined) return body === bodyHash ? 'same-body' : 'other-body';
	used.set(token, bodyHash);
	return 'first';
}

export function releaseToken({ key, token }: OneTimeToken): void {
	usedWith(key).delete(token);
}
