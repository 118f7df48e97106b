import {
	bothGates,
	type EndpointHealth,
	type Gate,
	healthGate,
	type HealthRules,
	rateGate,
	type RequestOutcome,
	requestStarted,
	type RequestStarts,
	type Review,
	reviewEndpoint,
	withinReach,
} from '@sureping/engine';
import type { Timers } from '../clock.ts';
import type { EndpointStanding } from '../metrics.ts';
import { type Endpoint, type Gates, healthOf } from '../store/store.ts';

interface Watched {
	health: EndpointHealth;
	readonly starts: RequestStarts;
}

/**
 * How endpoints fare, request by request. Kept in memory: rows are written when something changes, not per request. What an
 * endpoint's row says counts from another time on (`since`) wins over what is remembered.
 */
export class EndpointWatch implements Gates {
	private readonly rules: HealthRules;
	private readonly clock: Pick<Timers, 'now'>;
	private readonly watched = new Map<string, Watched>();

	constructor(rules: HealthRules, clock: Pick<Timers, 'now'>) {
		this.rules = rules;
		this.clock = clock;
	}

	healthOf(endpoint: Endpoint): EndpointHealth {
		const stored = healthOf(endpoint);
		const known = this.watched.get(endpoint.id)?.health;
		return known && known.since >= stored.since ? known : stored;
	}

	of(endpoint: Endpoint): Gate | undefined {
		const now = this.clock.now();
		const { rateLimit } = endpoint;
		const starts = this.watched.get(endpoint.id)?.starts ?? [];
		const health = this.healthOf(endpoint);
		const within = withinReach(health, now, this.rules);
		if (within !== health) this.remember(endpoint.id, within);
		return bothGates(healthGate(within, now), rateLimit && rateGate(starts, rateLimit, now));
	}

	/** How many endpoints there are of each standing. */
	standings(endpoints: readonly Endpoint[]): Readonly<Record<EndpointStanding, number>> {
		const count = { enabled: 0, failing: 0, paused: 0, disabled: 0 };
		const now = this.clock.now();
		for (const endpoint of endpoints) count[standingOf(endpoint, this.healthOf(endpoint), now)]++;
		return count;
	}

	/** A request to it starts now. */
	started(endpoint: Endpoint): void {
		const now = this.clock.now();
		const before = this.healthOf(endpoint);
		const health = requestStarted(before, now, this.rules);
		if (health === before && !endpoint.rateLimit) return;
		const { starts } = this.remember(endpoint.id, health);
		if (endpoint.rateLimit) starts.push(now);
	}

	/** What the answer to a request, which `endpoint` was before, says of it. */
	review(endpoint: Endpoint, outcome: RequestOutcome): Review {
		const before = this.healthOf(endpoint);
		// The request is of an earlier count, which has ended.
		if (before.since !== healthOf(endpoint).since) return { health: before, isWorthKeeping: false };
		const review = reviewEndpoint(before, outcome, this.rules);
		const { failures, pausedUntil } = review.health;
		const isQuiet = failures === 0 && pausedUntil === undefined && !endpoint.rateLimit;
		if (isQuiet) this.watched.delete(endpoint.id);
		else this.remember(endpoint.id, review.health);
		return review;
	}

	/** Forgets the endpoints that are not there any more, once there may be many. */
	retain(endpoints: readonly Endpoint[]): void {
		if (this.watched.size <= 2 * endpoints.length + 100) return;
		const ids = new Set(endpoints.map(({ id }) => id));
		for (const id of this.watched.keys()) if (!ids.has(id)) this.watched.delete(id);
	}

	private remember(id: string, health: EndpointHealth): Watched {
		const known = this.watched.get(id) ?? { health, starts: [] };
		known.health = health;
		this.watched.set(id, known);
		return known;
	}
}

function standingOf({ status }: Endpoint, health: EndpointHealth, now: number): EndpointStanding {
	if (status === 'disabled') return status;
	if (health.probeAt !== undefined || healthGate(health, now)) return 'paused';
	return health.failures > 0 ? 'failing' : 'enabled';
}
