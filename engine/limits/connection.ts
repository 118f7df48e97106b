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

/**
 * No answer stops a connection for longer, milliseconds: vendors ask for seconds or minutes, and one attempt an hour harms
 * none of them, while a mistaken value would stop everybody's notifications for as long as it says.
 */
export const LONGEST_PAUSE_MS = 3600 * 1000;

/** So much later than its policy says, in milliseconds, a pause may make a delivery's last attempt. */
export const PAUSE_BEYOND_POLICY_MS = 60 * 1000;

export const FRESH: ConnectionState = { fullAt: 0, pausedUntil: 0, breaker: CLOSED };

/** How many attempts may start now, besides what the concurrency leaves. */
export interface Opening {
	readonly room: number;
	/**
	 * `due`: whatever is due, most urgent first. `probe`: one of these, to see whether the service is back, and what is at
	 * the end of its policy. `last`: only what is at the end of its policy.
	 */
	readonly which: 'due' | 'probe' | 'last';
	/**
	 * The last attempts that were due at this time (milliseconds since 1970) or before are not made: the pause lasts too long
	 * for them.
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
		// What is left of the pause counts, not how late a delivery is: it may be late for another reason, such as a restart.
		const isLong = pausedUntil - now > PAUSE_BEYOND_POLICY_MS;
		return { room: 0, which, ...(isLong ? { tooLate: now } : {}) };
	}
	const room = rate ? roomIn(rate, withinReach(rate, fullAt, now), now) : Infinity;
	return { room, which };
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
	const wait = Math.min(pauseOf(outcome), LONGEST_PAUSE_MS);
	return {
		...state,
		pausedUntil: wait > 0 ? Math.max(state.pausedUntil, when.now + wait) : state.pausedUntil,
		breaker: rules ? afterAttempt(state.breaker, outcome, when, rules) : CLOSED,
	};
}

function pauseOf(outcome: Outcome): number {
	if (outcome.result === 'delivered') return outcome.pauseMs ?? 0;
	// What one recipient may get is that recipient's wait alone.
	const isOurs = outcome.error.code === 'RATE_LIMITED' && partyOf(outcome) !== 'recipient';
	return isOurs ? (outcome.retryAfterMs ?? 0) : 0;
}

export function heldBy({ breaker }: ConnectionState, dueAt: number, now: number): number {
	return heldFor(breaker, dueAt, now);
}
