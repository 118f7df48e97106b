import {
	type Delivery,
	isFinal,
	LONGEST_CONNECTION_WAIT_MS,
	type Outcome,
	timeLeft,
} from '@sureping/engine';

/** Milliseconds between two tries while this machine has no network. */
const AGAIN_MS = 5_000;
/** Deliveries that are remembered at once. */
const MOST_WAITING = 50_000;

/**
 * Last attempts that could not leave this machine because its resolver or its network did not work. They are repeated for
 * up to a minute before they count, so that a delivery with one attempt does not fail because of a short outage, and a
 * fallback comes at most a minute late.
 */
export class LastChances {
	private readonly since = new Map<string, number>();

	/** The outcome as it counts for its delivery at `now`, milliseconds since 1970. */
	weigh(delivery: Delivery, outcome: Outcome, now: number): Outcome {
		const { id } = delivery;
		if (!isOffline(outcome) || isFinal(delivery)) {
			this.since.delete(id);
			return outcome;
		}
		if (timeLeft(delivery.policy, delivery.attempts.length) > 0) return outcome;
		const since = this.since.get(id) ?? now;
		if (now - since >= LONGEST_CONNECTION_WAIT_MS) {
			this.since.delete(id);
			return outcome;
		}
		this.since.set(id, since);
		const [first] = this.since.keys();
		if (this.since.size > MOST_WAITING && first !== undefined) this.since.delete(first);
		return { ...outcome, isUncounted: true, retryAfterMs: AGAIN_MS };
	}
}

/** No request was made, for a passing reason on this side. */
function isOffline(outcome: Outcome): outcome is Extract<Outcome, { result: 'failed' }> {
	return (
		outcome.result === 'failed' &&
		!outcome.permanent &&
		!outcome.isUncounted &&
		outcome.about === 'us' &&
		outcome.error.code === 'CONNECTION_FAILED'
	);
}
