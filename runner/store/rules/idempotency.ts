import type { AcceptResult, Idempotency } from '../contract/sends.ts';
import type { FirstRequest } from '../rows/idempotency.ts';

/** The answer to a later request with the same key: the first one again, unless the body differs. */
export function repeated({ bodyHash, answer }: FirstRequest, later: Idempotency): AcceptResult {
	return { result: bodyHash === later.bodyHash ? 'repeated' : 'conflict', answer };
}
