import type { OneTimeToken, TokenUse } from '../../engine/receive/index.ts';
import { BoundedMap } from './bounded-map.ts';

const MOST_TOKENS_PER_KEY = 10_000;
const MOST_KEYS = 1_000;

/**
 * `token → hash of the body that came with it`, for providers whose signature covers only a token (Mailgun). Kept in this
 * process and by signing key, so that a request captured at one node cannot be replayed at another, nor at a test URL.
 */
const byKey = new BoundedMap<BoundedMap<string>>(MOST_KEYS);

function usedWith(key: string): BoundedMap<string> {
	const used = byKey.get(key) ?? new BoundedMap<string>(MOST_TOKENS_PER_KEY);
	// Set again, so that the key counts as the youngest.
	byKey.set(key, used);
	return used;
}

/** Records the use of a token, and tells whether it is the first. */
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
