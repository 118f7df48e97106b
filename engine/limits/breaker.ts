import { type Outcome, partyOf } from '../channels/index.ts';
import type { ErrorCode } from '../errors.ts';

/** When a connection counts as down, and how often it is tried then. Times in milliseconds. */
export interface BreakerRules {
	/** This many attempts in a row that found nobody at home open it. */
	readonly failures: number;
	/** From opening to the first probe; each probe that fails doubles it, up to `longestProbeMs`. */
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
	/** In a row, up to now. */
	readonly failures: number;
	/** Present while it is open. */
	readonly open?: { readonly since: number; readonly probeAt: number; readonly probes: number };
	/** The newest outage that is over. */
	readonly outage?: { readonly from: number; readonly to: number };
}

export const CLOSED: Breaker = { failures: 0 };

/** Nobody at home, where it is the service's matter. Every other answer, also a refusal, shows that the service works. */
const DOWN: ReadonlySet<ErrorCode> = new Set([
	'TIMEOUT',
	'CONNECTION_FAILED',
	'SERVICE_UNAVAILABLE',
]);

/** Where it is our own matter: the attempt ended on this host, and nobody was asked. */
const UNASKED: ReadonlySet<ErrorCode> = new Set([
	'TIMEOUT',
	'CONNECTION_FAILED',
	'NOT_CONFIGURED',
	'EXPIRED',
]);

/** What an outcome says of the service: it is there, it is not, or nothing at all. */
function wordOn(outcome: Outcome): 'there' | 'down' | 'nothing' {
	if (outcome.result === 'delivered') return 'there';
	const { code } = outcome.error;
	const party = partyOf(outcome);
	if (party === 'us' && UNASKED.has(code)) return 'nothing';
	return party === 'service' && DOWN.has(code) ? 'down' : 'there';
}

/** `isProbe`: the one attempt that was let through to see whether the service is back. */
export function afterAttempt(
	breaker: Breaker,
	outcome: Outcome,
	{ now, isProbe }: { readonly now: number; readonly isProbe: boolean },
	rules: BreakerRules,
): Breaker {
	const { failures, open } = breaker;
	const word = wordOn(outcome);
	if (word === 'nothing') return breaker;
	if (word === 'there') {
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

/** How long an open breaker has held back what was due at `dueAt`; milliseconds. */
export function heldFor({ open, outage }: Breaker, dueAt: number, now: number): number {
	if (open) return Math.max(0, now - Math.max(dueAt, open.since));
	if (!outage || dueAt >= outage.to) return 0;
	return Math.max(0, now - Math.max(dueAt, outage.from));
}
