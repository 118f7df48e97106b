export { type Breaker, type BreakerRules, DEFAULT_BREAKER } from './breaker.ts';
export {
	afterOutcome,
	afterStart,
	type ConnectionLimits,
	type ConnectionState,
	DEFAULT_LIMITS,
	FRESH,
	heldBy,
	LONGEST_PAUSE_MS as LONGEST_CONNECTION_PAUSE_MS,
	nextStartAt,
	PAUSE_BEYOND_POLICY_MS as LONGEST_CONNECTION_WAIT_MS,
	type Opening,
	openingOf,
} from './connection.ts';
export { hostOutcome } from './host-outcome.ts';
export { afterHold, timeLeft, withinPolicy } from './hold.ts';
export { freeAt, type FullAt, type Rate, roomIn, taken } from '../rate.ts';
export { mergeShared, type UnsharedChanges, onClockAhead } from './shared-state.ts';
