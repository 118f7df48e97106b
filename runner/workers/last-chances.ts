import {
	type Delivery,
	isFinal,
	LONGEST_CONNECTION_WAIT_MS,
	type Outcome,
	timeLeft,
} from '@sureping/engine';

/** Milliseconds between two tries while this host cannot reach anybody. */
const AGAIN_MS = 5_000;
/** Deliveries that are remembered at once. */
const MOST_WAITING = 50_000;

/**
 * The last attempts of policies that could not leave this host: its resolver or its network did not work. As a pause of a
 * service does, that may take a minute of the delivery's time before the attempt counts; so a delivery with one attempt does
 * not fail because of a moment, and a fallback comes no more than a minute late.
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
