import { draw, pick } from './draw.ts';

/**
 * A sink's behaviour towards a request.
 * `ok`, `slow` (within the timeout) and `wrong` (not the answer that the protocol asks for) say 200, and so do `drip` (a
 * byte now and then, for longer than the timeout) and `cut`, which never get to the end of their answers;
 * `error` 500, `busy` 429 with Retry-After, `refuse` 400; `hang` and `reset` say nothing.
 */
export type Behaviour =
	'ok' | 'slow' | 'wrong' | 'error' | 'busy' | 'refuse' | 'hang' | 'drip' | 'reset' | 'cut';

/** Seconds of `busy`'s Retry-After: longer than most delays of the policies. */
export const RETRY_AFTER_S = 1;

/** The sink said no, and so it has not taken the message. After all others it may have. */
export const REFUSALS: ReadonlySet<Behaviour> = new Set(['error', 'busy', 'refuse']);
/** The sink said 200, so it has taken the message, whatever came after that. */
export const CLEAN: ReadonlySet<Behaviour> = new Set(['ok', 'slow', 'wrong', 'drip', 'cut']);

const MIX: readonly (readonly [number, Behaviour])[] = [
	[0.62, 'ok'],
	[0.08, 'slow'],
	[0.04, 'wrong'],
	[0.08, 'error'],
	[0.04, 'busy'],
	[0.04, 'hang'],
	[0.03, 'drip'],
	[0.04, 'reset'],
	[0.03, 'cut'],
];

/** The behaviour towards the `time`-th request about the same thing, from 1. */
export function behaviourOf(seed: string, path: string, about: string, time: number): Behaviour {
	// Most of what goes to the doomed fails at once, so that several deliveries of a send fail together.
	const isDoomed = path.includes('doomed') && draw(seed, 'doomed', about) < 0.7;
	return isDoomed ? 'refuse' : pick(MIX, draw(seed, 'behaviour', path, about, time));
}
