import { type Outcome, partyOf } from '../channels/index.ts';
import {
	afterAttempt,
	type Breaker,
	type BreakerRules,
	CLOSED,
	DEFAULT_BREAKER,
	heldFor,
} from './breaker.ts';
import { freeAt, type FullAt, type Rate, roomIn, taken, withinReach } from '../rate.ts';

/** Limits on the use of a connection. */
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

/** State of a connection's limits: plain data, for memory or for a store. Times in milliseconds since 1970. */
export interface ConnectionState {
	readonly fullAt: FullAt;
	/** End of the pause that the service asked for. */
	readonly pausedUntil: number;
	readonly breaker: Breaker;
}

/**
 * Longest pause that an answer can cause, in milliseconds. Vendors ask for seconds or minutes, and one attempt an hour
 * harms none of them; a mistaken value would otherwise stop all notifications for as long as it says.
 */
export const LONGEST_PAUSE_MS = 3600 * 1000;

/** Longest delay, in milliseconds, that a pause may add to a delivery's last attempt. */
export const PAUSE_BEYOND_POLICY_MS = 60 * 1000;

export const FRESH: ConnectionState = { fullAt: 0, pausedUntil: 0, breaker: CLOSED };

/** Number of attempts that may start now, apart from the concurrency limit. */
export interface Opening {
	readonly room: number;
	/**
	 * `due`: all due deliveries, most urgent first. `probe`: one of these as the probe, and deliveries at the end of
	 * their policy. `last`: only deliveries at the end of their policy.
	 */
	readonly which: 'due' | 'probe' | 'last';
	/**
	 * A delivery's final attempt is skipped, and the delivery fails, if it was due at this time (milliseconds since 1970) or
	 * earlier: the pause lasts too long for it.
	 */
	readonly tooLate?: number | undefined;
}

export function openingOf(
	{ rate }: ConnectionLimits,
	{ fullAt, pausedUntil, breaker }: ConnectionState,
	isProbing: boolean,
	now: number,
): Opening {
	const which = !breaker.open
		? 'due'
		: !isProbing && now >= breaker.open.probeAt
			? 'probe'
			: 'last';
	if (now < pausedUntil) {
		// Compares the rest of the pause, not the delay of a delivery, which may be late for another reason, such as a
		// restart.
		const isLong = pausedUntil - now > PAUSE_BEYOND_POLICY_MS;
		return { room: 0, which, ...(isLong ? { tooLate: now } : {}) };
	}
	const room = rate ? roomIn(rate, withinReach(rate, fullAt, now), now) : Infinity;
	return { room, which };
}

/** Earliest start of the next attempt by rate and pause. */
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
 * Applies an attempt's outcome to the connection: a wait that the service asks for with a 429, or announces with the
 * last answer before the limit (remaining: 0), holds for all deliveries of the connection.
 */
export function afterOutcome(
	{ breaker: rules }: ConnectionLimits,
	state: ConnectionState,
	outcome: Outcome,
	when: { readonly now: number; readonly isProbe: boolean },
): ConnectionState {
	const wait = Math.min(pauseOf(outcome), LONGEST_PAUSE_MS);
	return {
		...state,
		pausedUntil: wait > 0 ? Math.max(state.pausedUntil, when.now + wait) : state.pausedUntil,
		breaker: rules ? afterAttempt(state.breaker, outcome, when, rules) : CLOSED,
	};
}

function pauseOf(outcome: Outcome): number {
	if (outcome.result === 'delivered') return outcome.pauseMs ?? 0;
	// A limit of one recipient delays that recipient only.
	const isOurs = outcome.error.code === 'RATE_LIMITED' && partyOf(outcome) !== 'recipient';
	return isOurs ? (outcome.retryAfterMs ?? 0) : 0;
}

export function heldBy({ breaker }: ConnectionState, dueAt: number, now: number): number {
	return heldFor(breaker, dueAt, now);
}
