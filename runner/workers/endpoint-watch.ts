import {
	bothGates,
	type EndpointHealth,
	type EndpointGate,
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
import type { EndpointStanding } from '../metrics/index.ts';
import { type Endpoint, healthOf } from '../store/contract/endpoints.ts';
import type { EndpointRequests, EndpointGates } from '../store/contract/limits.ts';

interface Watched {
	health: EndpointHealth;
	readonly starts: RequestStarts;
	/** Its row says that its breaker is open. */
	isStoredOpen: boolean;
	/** End of the pause in its row; 0: none. */
	storedPause: number;
}

/**
 * The health of endpoints, request by request. Kept in memory: rows are written when something changes, not per
 * request. A row with another `since` replaces the health in memory.
 */
export class EndpointWatch implements EndpointGates {
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

	of(endpoint: Endpoint): EndpointGate | undefined {
		this.learn(endpoint);
		const now = this.clock.now();
		const { rateLimit } = endpoint;
		const starts = this.watched.get(endpoint.id)?.starts ?? [];
		const health = this.healthOf(endpoint);
		const within = withinReach(health, now, this.rules);
		if (within !== health) this.remember(endpoint, within);
		return bothGates(healthGate(within, now), rateLimit && rateGate(starts, rateLimit, now));
	}

	/** Counts the endpoints of each standing. */
	standings(endpoints: readonly Endpoint[]): Readonly<Record<EndpointStanding, number>> {
		const count = { enabled: 0, failing: 0, paused: 0, disabled: 0 };
		const now = this.clock.now();
		for (const endpoint of endpoints) count[standingOf(endpoint, this.healthOf(endpoint), now)]++;
		return count;
	}

	started(endpoint: Endpoint): void {
		const now = this.clock.now();
		const before = this.healthOf(endpoint);
		const health = requestStarted(before, now, this.rules);
		if (health === before && !endpoint.rateLimit) return;
		const { starts } = this.remember(endpoint, health);
		if (endpoint.rateLimit) starts.push(now);
	}

	isShared(endpoint: Endpoint): boolean {
		return endpoint.rateLimit !== undefined || this.healthOf(endpoint).probeAt !== undefined;
	}

	adopt(endpoint: Endpoint, { starts, probeAt = 0 }: EndpointRequests): void {
		const health = this.healthOf(endpoint);
		const isProbed = health.probeAt !== undefined && health.probeAt < probeAt;
		const known = this.remember(endpoint, isProbed ? { ...health, probeAt } : health);
		known.starts.splice(0, known.starts.length, ...starts);
	}

	share(endpoint: Endpoint): EndpointRequests {
		const { starts = [] } = this.watched.get(endpoint.id) ?? {};
		return { starts, probeAt: this.healthOf(endpoint).probeAt };
	}

	/** Reviews the answer to a request; `endpoint` is as it was before. */
	review(endpoint: Endpoint, outcome: RequestOutcome): Review {
		const before = this.healthOf(endpoint);
		// The request belongs to an earlier health record.
		if (before.since !== healthOf(endpoint).since) return { health: before, isWorthKeeping: false };
		const review = reviewEndpoint(before, outcome, this.rules);
		const { failures, pausedUntil } = review.health;
		const isQuiet = failures === 0 && pausedUntil === undefined && !endpoint.rateLimit;
		if (isQuiet) this.watched.delete(endpoint.id);
		else this.remember(endpoint, review.health);
		return review;
	}

	/** Forgets the endpoints that are not there any more, once there may be many. */
	retain(endpoints: readonly Endpoint[]): void {
		if (this.watched.size <= 2 * endpoints.length + 100) return;
		const ids = new Set(endpoints.map(({ id }) => id));
		for (const id of this.watched.keys()) if (!ids.has(id)) this.watched.delete(id);
	}

	/** Takes over the findings of other processes (down, back, paused): changes of the row that were not made here. */
	private learn(endpoint: Endpoint): void {
		const known = this.watched.get(endpoint.id);
		const stored = healthOf(endpoint);
		if (!known || known.health.since !== stored.since) return;
		const isStoredOpen = stored.probeAt !== undefined;
		const isOpen = known.health.probeAt !== undefined;
		if (isStoredOpen !== known.isStoredOpen && isStoredOpen !== isOpen) known.health = stored;
		known.isStoredOpen = isStoredOpen;
		const { pausedUntil = 0 } = stored;
		if (pausedUntil > known.storedPause && pausedUntil > (known.health.pausedUntil ?? 0)) {
			known.health = { ...known.health, pausedUntil };
		}
		known.storedPause = pausedUntil;
	}

	private remember(endpoint: Endpoint, health: EndpointHealth): Watched {
		const known = this.watched.get(endpoint.id) ?? {
			health,
			starts: [],
			isStoredOpen: false,
			storedPause: healthOf(endpoint).pausedUntil ?? 0,
		};
		known.health = health;
		this.watched.set(endpoint.id, known);
		return known;
	}
}

function standingOf({ status }: Endpoint, health: EndpointHealth, now: number): EndpointStanding {
	if (status === 'disabled') return status;
	if (health.probeAt !== undefined || healthGate(health, now)) return 'paused';
	return health.failures > 0 ? 'failing' : 'enabled';
}
