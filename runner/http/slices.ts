import { setImmediate } from 'node:timers/promises';

/** Milliseconds of the event loop that long work takes in one piece; everybody else waits for as long. */
const SLICE_MS = 20;

/** Cuts work that would take long in pieces, between which others have their turn. */
export class Slices {
	private since = performance.now();

	/** Resolves when there may be more; undefined when that is now. */
	turn(): Promise<void> | undefined {
		if (performance.now() - this.since < SLICE_MS) return undefined;
		return this.yield();
	}

	private async yield(): Promise<void> {
		await setImmediate();
		this.since = performance.now();
	}
}
