import type { TokenUse } from '../../engine/receive/index.ts';
import { BoundedMap, perNode } from './bounded-map.ts';

const MOST_TOKENS_PER_NODE = 10_000;

/** `token → what came with it`, for providers whose signature covers nothing but a token (Mailgun). In this process. */
const usedBy = perNode(() => new BoundedMap<string>(MOST_TOKENS_PER_NODE));

/** Remembers a token at its first use. */
export function useToken(node: string, token: string, bodyHash: string): TokenUse {
	const used = usedBy(node);
	const body = used.get(token);
	if (body !== undefined) return body === bodyHash ? 'same-body' : 'other-body';
	used.set(token, bodyHash);
	return 'first';
}

export function releaseToken(node: string, token: string): void {
	usedBy(node).delete(token);
}
