/** Milliseconds of the event loop that long work takes in one piece; everybody else waits for as long. */
const SLICE_MS = 20;

/** Who waits for a turn of the event loop, of which each takes one: many at once would make each turn as long as all. */
const waiting: (() => void)[] = [];

/** Cuts work that would take long in pieces, between which others have their turn. */
export class Slices {
	private since = -Infinity;

	/** Resolves when there may be more; undefined when that is now. */
	turn(): Promise<void> | undefined {
		if (performance.now() - this.since < SLICE_MS) return undefined;
		return this.next();
	}

	private async next(): Promise<void> {
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
			if (waiting.length === 1) setImmediate(letNextIn);
		});
		this.since = performance.now();
	}
}

function letNextIn(): void {
	waiting.shift()?.();
	if (waiting.length > 0) setImmediate(letNextIn);
}
