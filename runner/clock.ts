import type { Clock } from '@sureping/engine';

export interface Timers extends Clock {
	/** Calls `action` at that time (milliseconds since 1970), or as soon as possible once it has passed. */
	at(time: number, action: () => void): { cancel(): void };
}

/** Node's timers overflow above 2^31-1 ms and then fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Timers = {
	now: () => Date.now(),
	sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS))),
	at(time, action) {
		const wait = Math.max(0, Math.min(time - Date.now(), LONGEST_TIMER_MS));
		const timer = setTimeout(action, wait);
		return { cancel: () => clearTimeout(timer) };
	},
};
