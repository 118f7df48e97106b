export { type Breaker, type BreakerRules, DEFAULT_BREAKER } from './breaker.ts';
export {
	afterOutcome,
	afterStart,
	type ConnectionLimits,
	type ConnectionState,
	DEFAULT_LIMITS,
	FRESH,
	heldBy,
	nextStartAt,
	type Opening,
	openingOf,
} from './connection.ts';
export { afterHold, timeLeft } from './hold.ts';
export { freeAt, type FullAt, type Rate, roomIn, taken } from './rate.ts';
export { joined, type News, shifted } from './sharing.ts';
