import {
	type Delivery,
	isFinal,
	LONGEST_CONNECTION_WAIT_MS,
	type Outcome,
	timeLeft,
} from '@sureping/engine';

/** Milliseconds between two tries while this host has no network. */
const AGAIN_MS = 5_000;
/** Most deliveries that are remembered at once. */
const MOST_WAITING = 50_000;

/**
 * Last attempts of deliveries that could not leave this host because its resolver or network did not work. Such an
 * attempt is repeated for up to a minute before it counts, so that a delivery with a single attempt survives a brief
 * outage, and a fallback comes no more than a minute late.
 */
export class LastChances {
	private readonly since = new Map<string, number>();

	/** The outcome that counts for the delivery at `now`, milliseconds since 1970. */
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

/** True for a failure on this host, before any service was asked, that passes. */
function isOffline(outcome: Outcome): outcome is Extract<Outcome, { result: 'failed' }> {
	return (
		outcome.result === 'failed' &&
		!outcome.permanent &&
		!outcome.isUncounted &&
		outcome.about === 'us' &&
		outcome.error.code === 'CONNECTION_FAILED'
	);
}
