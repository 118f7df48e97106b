import type { Outcome } from '../channels/index.ts';
import {
	afterAttempt,
	type Breaker,
	type BreakerRules,
	CLOSED,
	DEFAULT_BREAKER,
	heldFor,
} from './breaker.ts';
import { freeAt, type FullAt, type Rate, roomIn, taken, withinReach } from './rate.ts';

/** How fast a connection may be used. */
export interface ConnectionLimits {
	/** Of all attempts together. */
	readonly rate?: Rate | undefined;
	/** Of the attempts to one recipient, where the service limits that too. */
	readonly recipientRate?: ((recipient: string) => Rate) | undefined;
	/** Attempts under way at once. */
	readonly concurrency: number;
	/** Undefined: none. */
	readonly breaker: BreakerRules | undefined;
}

export const DEFAULT_LIMITS: ConnectionLimits = { concurrency: 128, breaker: DEFAULT_BREAKER };

/** What a connection's past means for its next attempts: plain data, for memory or for a store. Milliseconds since 1970. */
export interface ConnectionState {
	readonly fullAt: FullAt;
	/** The service asked for silence until then. */
	readonly pausedUntil: number;
	readonly breaker: Breaker;
}

export const FRESH: ConnectionState = { fullAt: 0, pausedUntil: 0, breaker: CLOSED };

/** How many attempts may start now, besides what the concurrency leaves. */
export interface Opening {
	readonly room: number;
	/**
	 * `due`: whatever is due, most urgent first. `probe`: one of these, to see whether the service is back, and what is at
	 * the end of its policy. `last`: only what is at the end of its policy.
	 */
	readonly which: 'due' | 'probe' | 'last';
}

export function openingOf(
	{ rate }: ConnectionLimits,
	{ fullAt, pausedUntil, breaker }: ConnectionState,
	isProbing: boolean,
	now: number,
): Opening {
	const room =
		now < pausedUntil ? 0 : rate ? roomIn(rate, withinReach(rate, fullAt, now), now) : Infinity;
	if (!breaker.open) return { room, which: 'due' };
	return { room, which: !isProbing && now >= breaker.open.probeAt ? 'probe' : 'last' };
}

/** When its rate and its pause let the next attempt start. */
export function nextStartAt(
	{ rate }: ConnectionLimits,
	{ fullAt, pausedUntil }: ConnectionState,
): number {
	return Math.max(pausedUntil, rate ? freeAt(rate, fullAt) : 0);
}

export function afterStart(
	{ rate }: ConnectionLimits,
	state: ConnectionState,
	now: number,
): ConnectionState {
	if (!rate) return state;
	return { ...state, fullAt: taken(rate, withinReach(rate, state.fullAt, now), now) };
}

/**
 * What an attempt's outcome means for all that follow: the wait that a service asks for with its 429, or announces with
 * its last free answer, is the connection's and not the one delivery's.
 */
export function afterOutcome(
	{ breaker: rules }: ConnectionLimits,
	state: ConnectionState,
	outcome: Outcome,
	when: { readonly now: number; readonly isProbe: boolean },
): ConnectionState {
	const wait = pauseOf(outcome);
	return {
		...state,
		pausedUntil: wait > 0 ? Math.max(state.pausedUntil, when.now + wait) : state.pausedUntil,
		breaker: rules ? afterAttempt(state.breaker, outcome, when, rules) : CLOSED,
	};
}

function pauseOf(outcome: Outcome): number {
	if (outcome.result === 'delivered') return outcome.pauseMs ?? 0;
	return outcome.error.code === 'RATE_LIMITED' ? (outcome.retryAfterMs ?? 0) : 0;
}

export function heldBy({ breaker }: ConnectionState, dueAt: number, now: number): number {
	return heldFor(breaker, dueAt, now);
}
