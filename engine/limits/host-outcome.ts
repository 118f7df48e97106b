import type { Outcome } from '../channels/index.ts';
import type { DeliveryError } from '../errors.ts';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { parseRetryAfter } from '../time.ts';

/**
 * Turns the result of a request into an outcome of the called host, which has a breaker and pauses like a connection.
 * `error` is the error of the attempt, undefined if the request was acknowledged. Returns undefined if the host was not
 * called.
 */
export function hostOutcome(
	reply: HttpReply | TransportFailure,
	error: DeliveryError | undefined,
	now: number,
): Outcome | undefined {
	if ('failure' in reply && reply.failure === 'refused_url') return undefined;
	if (!error) return { result: 'delivered', confirmation: 'service' };
	const about = 'failure' in reply && reply.failure === 'offline' ? 'us' : undefined;
	const retryAfterMs =
		'failure' in reply ? undefined : parseRetryAfter(reply.headers['retry-after'], now);
	return { result: 'failed', permanent: false, error, about, retryAfterMs };
}
