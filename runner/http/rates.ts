import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import type { RateLimit } from '../config/settings/index.ts';
import type { ApiKey } from '../config/config.ts';
import type { App } from './app.ts';
import type { ClientConnections } from './client-connections.ts';
import { Problem } from './problem.ts';

/** Limit on wrong keys, and on forged reports, from one address (IPv6: one /64). Genuine ones pass all the same. */
const FAILURES: RateLimit = { max: 100, window_s: 60 };

/** Most callers that are counted at once; beyond, those not seen for longest are forgotten. */
const MOST_COUNTED = 5_000;

export interface Rates {
	/** Counts a request of a known key. Rejects with a 429 when there were too many. */
	countKey(request: FastifyRequest, key: ApiKey): Promise<void>;
	/** Counts a request without a known key. Rejects with a 429 when there were too many. */
	countFailure(request: FastifyRequest): Promise<void>;
	/** Counts a provider's genuine request, by its inbound entry. Rejects with a 429 when there were too many. */
	countInbound(request: FastifyRequest): Promise<void>;
	/** Counts a forged report. Rejects with a 429 when there were too many. */
	countForgery(request: FastifyRequest): Promise<void>;
	/** Throws a 429 if too many forged reports came from the same address. Counts nothing. */
	refuseForger(request: FastifyRequest): void;
}

export async function createRates(
	app: App,
	forKeys: RateLimit,
	connections: Pick<ClientConnections, 'addressOf'>,
): Promise<Rates> {
	await app.register(rateLimit, { global: false, cache: MOST_COUNTED });
	const limitOf = (request: FastifyRequest): RateLimit => request.apiKey.rateLimit ?? forKeys;
	const countKey = app.createRateLimit({
		keyGenerator: ({ apiKey }) => apiKey.name,
		max: (request: FastifyRequest) => limitOf(request).max,
		timeWindow: (request: FastifyRequest) => limitOf(request).window_s * 1000,
	});
	const byAddress = {
		keyGenerator: (request: FastifyRequest) => connections.addressOf(request),
		max: FAILURES.max,
		timeWindow: FAILURES.window_s * 1000,
	};
	const countFailure = app.createRateLimit(byAddress);
	const countForgery = app.createRateLimit(byAddress);
	const shutOut = new Map<string, { readonly until: number; readonly problem: Problem }>();
	const countInbound = app.createRateLimit({
		keyGenerator: ({ url }) => url.split(/[?/]/, 4).join('/'),
		max: forKeys.max,
		timeWindow: forKeys.window_s * 1000,
	});
	return {
		async countKey(request, { name }) {
			const counted = await countKey(request);
			if (!counted.isAllowed && counted.isExceeded) {
				throw tooMany(`The key "${name}" may send ${counted.max} requests`, counted);
			}
		},
		async countFailure(request) {
			const counted = await countFailure(request);
			if (!counted.isAllowed && counted.isExceeded) {
				throw tooMany('Too many requests without a valid API key came from this address', counted);
			}
		},
		async countInbound(request) {
			const counted = await countInbound(request);
			if (!counted.isAllowed && counted.isExceeded) {
				throw tooMany(`At most ${counted.max} requests are accepted here`, counted);
			}
		},
		async countForgery(request) {
			const counted = await countForgery(request);
			if (counted.isAllowed || !counted.isExceeded) return;
			const what = 'Too many requests that were not accepted came from this address';
			const problem = tooMany(what, counted);
			if (shutOut.size >= MOST_COUNTED) shutOut.clear();
			const until = performance.now() + counted.ttl;
			shutOut.set(connections.addressOf(request), { until, problem });
			throw problem;
		},
		refuseForger(request) {
			if (shutOut.size === 0) return;
			const address = connections.addressOf(request);
			const known = shutOut.get(address);
			if (known === undefined) return;
			if (known.until > performance.now()) throw known.problem;
			shutOut.delete(address);
		},
	};
}

/** RFC 6585 §4: says how long to wait. */
function tooMany(
	what: string,
	{ timeWindow, ttlInSeconds }: { timeWindow: number; ttlInSeconds: number },
): Problem {
	const headers = { 'retry-after': String(Math.max(1, ttlInSeconds)) };
	return new Problem(429, `${what} in ${timeWindow / 1000} seconds`, [], {}, headers);
}
