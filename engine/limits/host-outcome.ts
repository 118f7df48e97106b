import type { Outcome } from '../channels/index.ts';
import type { DeliveryError } from '../errors.ts';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { parseRetryAfter } from '../time.ts';

/**
 * The meaning of a request for the host that was called, so that the host has a breaker and pauses as a connection has.
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
