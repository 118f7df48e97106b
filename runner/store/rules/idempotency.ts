import type { AcceptResult, Idempotency, SendAnswer } from '../contract/sends.ts';

/** The first request with an idempotency key. */
export interface FirstRequest {
	readonly bodyHash: string;
	readonly answer: SendAnswer;
}

/** The answer to a later request with the same key: the first one again, unless the body differs. */
export function repeated({ bodyHash, answer }: FirstRequest, later: Idempotency): AcceptResult {
	return { result: bodyHash === later.bodyHash ? 'repeated' : 'conflict', answer };
}
