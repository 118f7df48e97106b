/** Longest time that one piece of work holds the event loop; milliseconds. */
const SLICE_MS = 20;

/** Works that wait for the event loop. One goes on in each tick, so that a tick never takes longer than one slice. */
const waiting: (() => void)[] = [];

/** Cuts long work into slices, between which it gives the event loop to others. */
export class TimeSlices {
	private since = -Infinity;

	/** Resolves when the work may go on; undefined when its slice is not used up. */
	yieldIfDue(): Promise<void> | undefined {
		if (performance.now() - this.since < SLICE_MS) return undefined;
		return this.yield();
	}

	private async yield(): Promise<void> {
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
			if (waiting.length === 1) setImmediate(resumeNext);
		});
		this.since = performance.now();
	}
}

function resumeNext(): void {
	waiting.shift()?.();
	if (waiting.length > 0) setImmediate(resumeNext);
}
