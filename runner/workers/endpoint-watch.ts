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
} from '@sureping/engine';
import type { Timers } from '../clock.ts';
import { type Endpoint, type EndpointRequests, type Gates, healthOf } from '../store/store.ts';

interface Watched {
	health: EndpointHealth;
	readonly starts: RequestStarts;
	/** Its row says that its breaker is open. */
	isStoredOpen: boolean;
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
		this.learn(endpoint);
		const now = this.clock.now();
		const { rateLimit } = endpoint;
		const starts = this.watched.get(endpoint.id)?.starts ?? [];
		return bothGates(
			healthGate(this.healthOf(endpoint), now),
			rateLimit && rateGate(starts, rateLimit, now),
		);
	}

	started(endpoint: Endpoint): void {
		const now = this.clock.now();
		const before = this.healthOf(endpoint);
		const health = requestStarted(before, now, this.rules);
		if (health === before && !endpoint.rateLimit) return;
		const { starts } = this.remember(endpoint.id, health);
		if (endpoint.rateLimit) starts.push(now);
	}

	takesTurns(endpoint: Endpoint): boolean {
		return endpoint.rateLimit !== undefined || this.healthOf(endpoint).probeAt !== undefined;
	}

	adopt(endpoint: Endpoint, { starts, probeAt = 0 }: EndpointRequests): void {
		const health = this.healthOf(endpoint);
		const isProbed = health.probeAt !== undefined && health.probeAt < probeAt;
		const known = this.remember(endpoint.id, isProbed ? { ...health, probeAt } : health);
		known.starts.splice(0, known.starts.length, ...starts);
	}

	share(endpoint: Endpoint): EndpointRequests {
		const { starts = [] } = this.watched.get(endpoint.id) ?? {};
		return { starts, probeAt: this.healthOf(endpoint).probeAt };
	}

	/** What the answer to a request, which `endpoint` was before, says of it. */
	review(endpoint: Endpoint, outcome: RequestOutcome): Review {
		const before = this.healthOf(endpoint);
		// The request is of an earlier count, which has ended.
		if (before.since !== healthOf(endpoint).since) return { health: before, isWorthKeeping: false };
		const review = reviewEndpoint(before, outcome, this.rules);
		const isQuiet = review.health.failures === 0 && !endpoint.rateLimit;
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

	/** Another process has found it down, or back: its row says so, and not because of what was learnt here. */
	private learn(endpoint: Endpoint): void {
		const known = this.watched.get(endpoint.id);
		const stored = healthOf(endpoint);
		if (!known || known.health.since !== stored.since) return;
		const isStoredOpen = stored.probeAt !== undefined;
		const isOpen = known.health.probeAt !== undefined;
		if (isStoredOpen !== known.isStoredOpen && isStoredOpen !== isOpen) known.health = stored;
		known.isStoredOpen = isStoredOpen;
	}

	private remember(id: string, health: EndpointHealth): Watched {
		const known = this.watched.get(id) ?? { health, starts: [], isStoredOpen: false };
		known.health = health;
		this.watched.set(id, known);
		return known;
	}
}
