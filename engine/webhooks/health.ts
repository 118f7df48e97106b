import type { HttpReply, TransportFailure } from '../ports.ts';
import { parseRetryAfter } from '../time.ts';
import type { DisabledReason, OperationalType } from './operational.ts';

/** An endpoint's health by its latest answers. Times in milliseconds since 1970. */
export interface EndpointHealth {
	/** Start of the record: the endpoint was created, enabled, or given another URL. Identifies the record. */
	readonly since: number;
	/** Requests in a row that were not acknowledged. */
	readonly failures: number;
	/** Time at which the first of those was sent. */
	readonly failingSince?: number;
	/** Time at which the latest of those was answered. */
	readonly failedAt?: number;
	/** Milliseconds for which those show that it fails: `longestGap` bounds the time between two of them. */
	readonly failingMs?: number;
	/** Thresholds of `warnAfterMs` that were announced. */
	readonly warnings: number;
	/** The endpoint asked to be sent less: nothing is sent before this, even if it acknowledges requests meanwhile. */
	readonly pausedUntil?: number;
	/**
	 * The endpoint is overloaded: nothing is sent before this, or before it acknowledges a request that was under way.
	 */
	readonly restsUntil?: number;
	/** The value of `failures` when the endpoint last refused an event for its content, which shows that it is up. */
	readonly heardAfter?: number;
	/** The breaker is open: nothing is sent before this, and then one probe. */
	readonly probeAt?: number;
	/** It was disabled because of its answers. */
	readonly disabled?: DisabledReason;
}

/** The consequences of an endpoint's failures. */
export interface HealthRules {
	/** Milliseconds of failing after which it is disabled; undefined: never. */
	readonly disableAfterMs: number | undefined;
	/** Milliseconds of failing after which that is announced; ascending. */
	readonly warnAfterMs: readonly number[];
	readonly breaker: {
		/** Failures in a row that open it. */
		readonly failures: number;
		/** Milliseconds between one probe and the next. */
		readonly probeMs: number;
	};
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Five days, as Svix has it (https://docs.svix.com/retries). */
export const DEFAULT_HEALTH_RULES: HealthRules = {
	disableAfterMs: 5 * 24 * HOUR,
	warnAfterMs: [HOUR, 24 * HOUR],
	breaker: { failures: 10, probeMs: 30 * SECOND },
};

export const healthyFrom = (since: number): EndpointHealth => ({ since, failures: 0, warnings: 0 });

/** One request to an endpoint and its outcome. Times in milliseconds since 1970. */
export interface RequestOutcome {
	readonly sentAt: number;
	readonly now: number;
	readonly reply: HttpReply | TransportFailure;
	readonly acknowledged: boolean;
	/** An event in it was tried for the last time. */
	readonly gaveUp: boolean;
	/** Milliseconds until the next attempt of its events, when there is one. */
	readonly waitMs?: number | undefined;
}

export interface Review {
	readonly health: EndpointHealth;
	/** The endpoint's state changed, so that this should outlive the process. */
	readonly isWorthKeeping: boolean;
	readonly announce?: Exclude<OperationalType, 'endpoint.enabled'>;
}

/** One or two failures in a row are common, so they are not stored. */
const WORTH_KEEPING = 3;

/** Reviews an endpoint after one more request. */
export function reviewEndpoint(
	before: EndpointHealth,
	outcome: RequestOutcome,
	rules: HealthRules,
): Review {
	// Requests that were under way when it was disabled do not count.
	if (before.disabled) return { health: before, isWorthKeeping: false };
	if (outcome.acknowledged) return recovered(before, outcome.now);
	const { now, reply } = outcome;
	const failures = before.failures + 1;
	const failingSince = before.failingSince ?? outcome.sentAt;
	const gapMs = Math.max(0, now - (before.failedAt ?? failingSince));
	const { failingMs: failedMs = 0 } = before;
	const failingMs = failedMs + Math.min(gapMs, longestGap(rules));
	const wasOpen = before.probeAt !== undefined;
	const heardAfter = isAboutEvent(reply) ? failures : (before.heardAfter ?? 0);
	const isOpen = failures - heardAfter >= rules.breaker.failures;
	const pause = pauseAfter(outcome);
	const until = pause === undefined ? 0 : now + pause;
	const isThrottling = !('failure' in reply) && reply.status === 429;
	const pausedUntil = Math.max(before.pausedUntil ?? 0, isThrottling ? until : 0);
	const restsUntil = Math.max(before.restsUntil ?? 0, isThrottling ? 0 : until);
	const warnings = rules.warnAfterMs.filter((ms) => failingMs >= ms).length;

	// In a long queue no event reaches its last attempt, so the breaker counts as well.
	const isTooLong = rules.disableAfterMs !== undefined && failingMs >= rules.disableAfterMs;
	const disabled = isGone(reply)
		? 'gone'
		: isTooLong && (outcome.gaveUp || wasOpen)
			? 'failing'
			: undefined;
	const health: EndpointHealth = {
		since: before.since,
		failures,
		failingSince,
		failedAt: now,
		failingMs,
		warnings: Math.max(warnings, before.warnings),
		...(pausedUntil > now ? { pausedUntil } : {}),
		...(restsUntil > now ? { restsUntil } : {}),
		...(heardAfter > 0 ? { heardAfter } : {}),
		...(isOpen ? { probeAt: Math.max(before.probeAt ?? 0, now + rules.breaker.probeMs) } : {}),
		...(disabled ? { disabled } : {}),
	};
	const isWarning = warnings > before.warnings;
	const isWorthKeeping =
		disabled !== undefined ||
		isWarning ||
		isOpen !== wasOpen ||
		failures === WORTH_KEEPING ||
		// Stored once per gap, so that a restart forgets at most one gap.
		Math.floor(failingMs / longestGap(rules)) > Math.floor(failedMs / longestGap(rules)) ||
		(pause !== undefined && until > closedUntil(before));
	return {
		health,
		isWorthKeeping,
		...(disabled
			? { announce: 'endpoint.disabled' as const }
			: isWarning
				? { announce: 'endpoint.failing' as const }
				: {}),
	};
}

function recovered(before: EndpointHealth, now: number): Review {
	const { pausedUntil } = before;
	// The acknowledged request may have been sent before the endpoint asked for a pause.
	const isPaused = pausedUntil !== undefined && pausedUntil > now;
	const wasKept = before.failures >= WORTH_KEEPING || before.probeAt !== undefined;
	return {
		health: { ...healthyFrom(before.since), ...(isPaused ? { pausedUntil } : {}) },
		isWorthKeeping:
			wasKept || before.restsUntil !== undefined || (pausedUntil !== undefined && !isPaused),
		// A recovery is announced only after a warning.
		...(before.warnings > 0 ? { announce: 'endpoint.recovered' as const } : {}),
	};
}

/** Longest pause that an answer can cause; also the longest wait of Standard Webhooks' schedule. */
export const LONGEST_PAUSE_MS = 24 * HOUR;
const PAUSE_MS = 60 * SECOND;

/**
 * Longest time between two failures that counts as failing, in milliseconds; nothing may have been tried in between
 * because nothing was owed, everything waited or the runner was stopped. So an endpoint is disabled only by failures
 * spread over the whole time, never by one outage and one failure long after it.
 */
function longestGap({ disableAfterMs = Infinity }: HealthRules): number {
	return Math.min(LONGEST_PAUSE_MS, disableAfterMs / FEWEST_GAPS);
}
const FEWEST_GAPS = 5;

/**
 * Statuses that refuse one request for its content (RFC 9110 §15.5, RFC 6585 §5): the endpoint is up, and the next
 * event may succeed. Not 401, 403 and 404, which refuse every request alike.
 */
const ABOUT_EVENT: ReadonlySet<number> = new Set([400, 413, 415, 422, 431]);

/** 410 asks the sender to stop (RFC 9110 §15.5.11; Standard Webhooks, "Deliverability and reliability"). */
export const isGone = (reply: HttpReply | TransportFailure): boolean =>
	!('failure' in reply) && reply.status === 410;

const isAboutEvent = (reply: HttpReply | TransportFailure): boolean =>
	!('failure' in reply) && ABOUT_EVENT.has(reply.status);

/** End of the longest pause that the endpoint asked for. */
export const closedUntil = ({ pausedUntil = 0, restsUntil = 0 }: EndpointHealth): number =>
	Math.max(pausedUntil, restsUntil);

/**
 * Milliseconds for which nothing is sent to the endpoint: as long as it asks, or else as long as the refused delivery
 * waits, but at most a minute. 429, 502 and 504 throttle (Standard Webhooks, "Deliverability and reliability"), and so
 * does a 503 that says for how long (RFC 9110 §15.6.4).
 */
function pauseAfter({ reply, now, waitMs = PAUSE_MS }: RequestOutcome): number | undefined {
	if ('failure' in reply) return undefined;
	const asked = parseRetryAfter(reply.headers['retry-after'], now);
	if (asked !== undefined && [429, 502, 503, 504].includes(reply.status)) {
		return Math.min(asked, LONGEST_PAUSE_MS);
	}
	return [429, 502, 504].includes(reply.status) ? Math.min(waitMs, PAUSE_MS) : undefined;
}

/** The room that an endpoint has for requests. */
export interface EndpointGate {
	/** Requests that may start now. */
	readonly most: number;
	/** Time at which more may start; milliseconds since 1970. */
	readonly opensAt: number;
}

/** The gate that an endpoint's health sets; undefined where it holds nothing back. */
export function healthGate(health: EndpointHealth, now: number): EndpointGate | undefined {
	const { probeAt } = health;
	const opensAt = Math.max(closedUntil(health), probeAt ?? 0);
	if (opensAt > now) return { most: 0, opensAt };
	return probeAt === undefined ? undefined : { most: 1, opensAt: Infinity };
}

/** Shortens waits to their original length, so that a clock that was set back does not prolong them. */
export function withinReach(
	health: EndpointHealth,
	now: number,
	{ breaker }: HealthRules,
): EndpointHealth {
	const { pausedUntil = 0, restsUntil = 0, probeAt = 0 } = health;
	const latest = { pausedUntil: now + LONGEST_PAUSE_MS, probeAt: now + breaker.probeMs };
	if (closedUntil(health) <= latest.pausedUntil && probeAt <= latest.probeAt) return health;
	return {
		...health,
		...(pausedUntil > latest.pausedUntil ? { pausedUntil: latest.pausedUntil } : {}),
		...(restsUntil > latest.pausedUntil ? { restsUntil: latest.pausedUntil } : {}),
		...(probeAt > latest.probeAt ? { probeAt: latest.probeAt } : {}),
	};
}

/**
 * The health after a request has started: the next probe of an open breaker is one interval away, whatever the outcome.
 */
export function requestStarted(
	health: EndpointHealth,
	now: number,
	{ breaker }: HealthRules,
): EndpointHealth {
	return health.probeAt === undefined ? health : { ...health, probeAt: now + breaker.probeMs };
}

/** At most `max` requests in any `windowMs` milliseconds. */
export interface RequestRate {
	readonly max: number;
	readonly windowMs: number;
}

/** Start times of the requests that still count, oldest first; changed in place, and never longer than `max`. */
export type RequestStarts = number[];

/** The gate that a rate sets after those requests; undefined where it holds nothing back. */
export function rateGate(
	starts: RequestStarts,
	rate: RequestRate,
	now: number,
): EndpointGate | undefined {
	const counted = starts.findIndex((at) => at > now - rate.windowMs);
	starts.splice(0, counted === -1 ? starts.length : counted);
	// After the clock was set back, all of them count as old, so that the endpoint is not blocked.
	starts.forEach((at, i) => (starts[i] = Math.min(at, now)));
	const first = starts[0];
	if (first === undefined) return { most: rate.max, opensAt: Infinity };
	return { most: Math.max(0, rate.max - starts.length), opensAt: first + rate.windowMs };
}

/** The narrower of two gates. */
export function bothGates(
	a: EndpointGate | undefined,
	b: EndpointGate | undefined,
): EndpointGate | undefined {
	if (!a || !b) return a ?? b;
	if (a.most === 0 && b.most === 0) return a.opensAt > b.opensAt ? a : b;
	return a.most <= b.most ? a : b;
}
