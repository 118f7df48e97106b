import type { Breaker } from './breaker.ts';
import type { ConnectionState } from './connection.ts';

/** What a process has learnt of a connection that those who share it do not know yet. */
export interface News {
	readonly pause: boolean;
	readonly breaker: boolean;
}

/**
 * What a process knows of a connection that others use as well, once it has read what they know: all of that, and its own
 * news. How many failures in a row it saw itself stays its own count, until the connection is found to be back.
 */
export function joined(own: ConnectionState, shared: ConnectionState, news: News): ConnectionState {
	return {
		fullAt: shared.fullAt,
		pausedUntil: news.pause ? Math.max(own.pausedUntil, shared.pausedUntil) : shared.pausedUntil,
		breaker: news.breaker
			? joinedBreaker(own.breaker, shared.breaker)
			: counting(own.breaker, shared.breaker),
	};
}

/** The same by a clock that is `ms` ahead. */
export function shifted(
	{ fullAt, pausedUntil, breaker }: ConnectionState,
	ms: number,
): ConnectionState {
	const { failures, open, outage } = breaker;
	return {
		// Nothing was taken or asked for yet, by any clock.
		fullAt: fullAt === 0 ? 0 : fullAt + ms,
		pausedUntil: pausedUntil === 0 ? 0 : pausedUntil + ms,
		breaker: {
			failures,
			...(open && { open: { ...open, since: open.since + ms, probeAt: open.probeAt + ms } }),
			...(outage && { outage: { from: outage.from + ms, to: outage.to + ms } }),
		},
	};
}

function counting(own: Breaker, shared: Breaker): Breaker {
	const isBack = own.open !== undefined && shared.open === undefined;
	return { ...shared, failures: isBack ? 0 : own.failures };
}

/** Of two who found it down the first knows since when, and the last when to look again; who found it back is believed. */
function joinedBreaker(own: Breaker, shared: Breaker): Breaker {
	const outage = own.outage ?? shared.outage;
	if (!own.open || !shared.open) return { ...own, ...(outage && { outage }) };
	return {
		failures: own.failures,
		open: {
			since: Math.min(own.open.since, shared.open.since),
			probeAt: Math.max(own.open.probeAt, shared.open.probeAt),
			probes: Math.max(own.open.probes, shared.open.probes),
		},
		...(outage && { outage }),
	};
}
