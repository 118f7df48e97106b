import type { FastifyRequest } from 'fastify';
import type { RateLimit } from '../config/settings/index.ts';
import type { ApiKey } from '../config/config.ts';
import type { ClientConnections } from './client-connections.ts';
import { Problem } from './problem.ts';
import { WindowCounts } from './window-counts.ts';

/** Limit on wrong keys, and on forged reports, from one address (IPv6: one /64). Genuine ones pass all the same. */
const FAILURES: RateLimit = { max: 100, window_s: 60 };

/**
 * Limit on requests for answering links from one address: for each link, and for all that are not valid together. So
 * whoever guesses behind the same proxy keeps nobody from answering.
 */
const LINKS: RateLimit = { max: 30, window_s: 60 };

/** Most addresses that are shut out at once; beyond, all of them are counted anew. */
const MOST_SHUT_OUT = 5_000;

/** Each method that counts throws a 429 when there were too many. */
export interface Rates {
	/** Counts a request of a known key. */
	countKey(key: ApiKey): void;
	/** Counts a request without a known key. */
	countFailure(request: FastifyRequest): void;
	/** Counts a provider's genuine request, by its inbound entry. */
	countInbound(request: FastifyRequest): void;
	/** Counts a forged report. */
	countForgery(request: FastifyRequest): void;
	/** Counts a request for an answering link, by its token; undefined for one that is not valid. */
	countLink(request: FastifyRequest, token: string | undefined): void;
	/** Throws a 429 if too many forged reports came from the same address. Counts nothing. */
	refuseForger(request: FastifyRequest): void;
}

/** `now`: the clock of the limits, in milliseconds. */
export function createRates(
	forKeys: RateLimit,
	connections: Pick<ClientConnections, 'addressOf'>,
	now: () => number = () => performance.now(),
): Rates {
	const byKey = new WindowCounts(now);
	const failures = new WindowCounts(now);
	const forgeries = new WindowCounts(now);
	const byEntry = new WindowCounts(now);
	const byLink = new WindowCounts(now);
	const shutOut = new Map<string, { readonly until: number; readonly problem: Problem }>();
	return {
		countKey({ name, rateLimit = forKeys }) {
			const left = byKey.excess(name, rateLimit);
			if (left === undefined) return;
			throw tooMany(`The key "${name}" may send ${rateLimit.max} requests`, rateLimit, left);
		},
		countFailure(request) {
			const left = failures.excess(connections.addressOf(request), FAILURES);
			if (left === undefined) return;
			const what = 'Too many requests without a valid API key came from this address';
			throw tooMany(what, FAILURES, left);
		},
		countInbound({ url }) {
			const left = byEntry.excess(url.split(/[?/]/, 4).join('/'), forKeys);
			if (left === undefined) return;
			throw tooMany(`At most ${forKeys.max} requests are accepted here`, forKeys, left);
		},
		countForgery(request) {
			const address = connections.addressOf(request);
			const left = forgeries.excess(address, FAILURES);
			if (left === undefined) return;
			const what = 'Too many requests that were not accepted came from this address';
			const problem = tooMany(what, FAILURES, left);
			if (shutOut.size >= MOST_SHUT_OUT) shutOut.clear();
			shutOut.set(address, { until: now() + left, problem });
			throw problem;
		},
		countLink(request, token = '') {
			const left = byLink.excess(`${connections.addressOf(request)} ${token}`, LINKS);
			if (left === undefined) return;
			throw tooMany('Too many requests for such links came from this address', LINKS, left);
		},
		refuseForger(request) {
			if (shutOut.size === 0) return;
			const address = connections.addressOf(request);
			const known = shutOut.get(address);
			if (known === undefined) return;
			if (known.until > now()) throw known.problem;
			shutOut.delete(address);
		},
	};
}

/** RFC 6585 §4: says how long to wait. `leftMs`: milliseconds until the window ends. */
function tooMany(what: string, { window_s }: RateLimit, leftMs: number): Problem {
	const headers = { 'retry-after': String(Math.max(1, Math.ceil(leftMs / 1000))) };
	return new Problem(429, `${what} in ${window_s} seconds`, [], {}, headers);
}
