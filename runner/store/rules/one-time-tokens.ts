import type { OneTimeToken, TokenUse } from '@sureping/engine';

/** The use of a token that is stored already, with the `body_hash` of the request that it came with first. */
export const repeatedUse = (first: unknown, { bodyHash }: OneTimeToken): TokenUse =>
	first === bodyHash ? 'same-body' : 'other-body';
