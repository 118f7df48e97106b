import { type Outcome, partyOf } from '../channels/index.ts';
import type { ErrorCode } from '../errors.ts';

/** Rules by which a connection counts as down and is probed. Times in milliseconds. */
export interface BreakerRules {
	/** Number of attempts in a row without a reachable service that open the breaker. */
	readonly failures: number;
	/** Time from opening to the first probe; each failed probe doubles it, up to `longestProbeMs`. */
	readonly probeAfterMs: number;
	readonly longestProbeMs: number;
}

export const DEFAULT_BREAKER: BreakerRules = {
	failures: 10,
	probeAfterMs: 5_000,
	longestProbeMs: 60_000,
};

/** Times in milliseconds since 1970. */
export interface Breaker {
	/** Failures in a row, up to now. */
	readonly failures: number;
	/** Present while it is open. */
	readonly open?: { readonly since: number; readonly probeAt: number; readonly probes: number };
	/** The newest outage that is over. */
	readonly outage?: { readonly from: number; readonly to: number };
}

export const CLOSED: Breaker = { failures: 0 };

/**
 * Codes that show that the service is down, where the failure is the service's. Any other answer, even a refusal, shows
 * that it works.
 */
const DOWN: ReadonlySet<ErrorCode> = new Set([
	'TIMEOUT',
	'CONNECTION_FAILED',
	'SERVICE_UNAVAILABLE',
]);

/** Codes that say nothing about the service where the failure is ours: the attempt ended on this host. */
const UNASKED: ReadonlySet<ErrorCode> = new Set([
	'TIMEOUT',
	'CONNECTION_FAILED',
	'NOT_CONFIGURED',
	'EXPIRED',
]);

/** The conclusion from an outcome: the service is up, it is down, or unknown. */
function verdictOf(outcome: Outcome): 'up' | 'down' | 'unknown' {
	if (outcome.result === 'delivered') return 'up';
	const { code } = outcome.error;
	const party = partyOf(outcome);
	if (party === 'us' && UNASKED.has(code)) return 'unknown';
	return party === 'service' && DOWN.has(code) ? 'down' : 'up';
}

/** `isProbe`: the attempt is the one that an open breaker let through. */
export function afterAttempt(
	breaker: Breaker,
	outcome: Outcome,
	{ now, isProbe }: { readonly now: number; readonly isProbe: boolean },
	rules: BreakerRules,
): Breaker {
	const { failures, open } = breaker;
	const verdict = verdictOf(outcome);
	if (verdict === 'unknown') return breaker;
	if (verdict === 'up') {
		return open
			? { failures: 0, outage: { from: open.since, to: now } }
			: { ...breaker, failures: 0 };
	}
	const counted = { ...breaker, failures: failures + 1 };
	if (!open) {
		if (counted.failures < rules.failures) return counted;
		return { ...counted, open: { since: now, probeAt: now + rules.probeAfterMs, probes: 0 } };
	}
	if (!isProbe) return counted;
	const probes = open.probes + 1;
	const wait = Math.min(rules.probeAfterMs * 2 ** probes, rules.longestProbeMs);
	return { ...counted, open: { since: open.since, probeAt: now + wait, probes } };
}

/** Time for which an open breaker has held back an attempt that was due at `dueAt`; milliseconds. */
export function heldFor({ open, outage }: Breaker, dueAt: number, now: number): number {
	if (open) return Math.max(0, now - Math.max(dueAt, open.since));
	if (!outage || dueAt >= outage.to) return 0;
	return Math.max(0, now - Math.max(dueAt, outage.from));
}
