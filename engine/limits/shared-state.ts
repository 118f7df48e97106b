import type { Breaker } from './breaker.ts';
import type { ConnectionState } from './connection.ts';

/** Changes of a connection's state that this process has not shared with the others yet. */
export interface UnsharedChanges {
	readonly pause: boolean;
	readonly breaker: boolean;
}

/**
 * Merges the shared state of a connection with this process's own changes. This process keeps its own count of failures
 * in a row until the connection is found to be up again.
 */
export function mergeShared(
	own: ConnectionState,
	shared: ConnectionState,
	news: UnsharedChanges,
): ConnectionState {
	return {
		fullAt: shared.fullAt,
		pausedUntil: news.pause ? Math.max(own.pausedUntil, shared.pausedUntil) : shared.pausedUntil,
		breaker: news.breaker
			? mergeBreakers(own.breaker, shared.breaker)
			: counting(own.breaker, shared.breaker),
	};
}

/** Converts a state's times to a clock that is `ms` ahead. */
export function onClockAhead(
	{ fullAt, pausedUntil, breaker }: ConnectionState,
	ms: number,
): ConnectionState {
	const { failures, open, outage } = breaker;
	return {
		// Zero means never used and stays zero.
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

/**
 * Merges this process's newer finding with the shared one. Where both are open, the earlier start and the later probe
 * count. Where only one is open, this process's own finding wins.
 */
function mergeBreakers(own: Breaker, shared: Breaker): Breaker {
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
