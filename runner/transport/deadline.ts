/** Interval at which the event loop is checked, and the delay beyond which it counts as stopped; milliseconds. */
const CHECK_EVERY_MS = 100;
const LAG_MS = 250;

/**
 * Measures the time for which this process did not run, in milliseconds: it was stopped, its machine slept or was
 * paused, or the event loop was blocked. Uses the monotonic clock, which a change of the date does not move.
 */
class LoopWatch {
	private stalledMs = 0;
	private seenAt = 0;
	private timer: NodeJS.Timeout | undefined;

	/** Total since the process started. */
	total(): number {
		if (this.timer) this.check();
		else {
			this.seenAt = performance.now();
			this.timer = setInterval(() => this.check(), CHECK_EVERY_MS).unref();
		}
		return this.stalledMs;
	}

	private check(): void {
		const now = performance.now();
		const gapMs = now - this.seenAt;
		this.seenAt = now;
		if (gapMs > CHECK_EVERY_MS + LAG_MS) this.stalledMs += gapMs - CHECK_EVERY_MS;
	}
}

const loop = new LoopWatch();

/**
 * Calls `onPassed` after `ms` in which the other side could have been heard. Timers run before sockets are read, so
 * after a pause every deadline seems to have passed although answers are waiting in the sockets. So time in which this
 * process did not run is added to the deadline, at most as much again, and sockets are read once more before it passes.
 */
export class Deadline {
	private timer: NodeJS.Timeout | undefined;
	private isOver = false;
	private readonly onPassed: () => void;
	private readonly stalledBefore = loop.total();
	private readonly ms: number;
	private givenBackMs = 0;

	constructor(ms: number, onPassed: () => void) {
		this.ms = ms;
		this.onPassed = onPassed;
		this.timer = setTimeout(() => this.passed(), ms);
	}

	/** Ends the wait. */
	clear(): void {
		this.isOver = true;
		clearTimeout(this.timer);
	}

	private passed(): void {
		const stalledMs = Math.min(loop.total() - this.stalledBefore, this.ms);
		const oweMs = stalledMs - this.givenBackMs;
		if (oweMs > 0) {
			this.givenBackMs = stalledMs;
			this.timer = setTimeout(() => this.passed(), oweMs);
			return;
		}
		// Runs after sockets were read (libuv's poll phase comes between timers and this).
		setImmediate(() => {
			if (this.isOver) return;
			this.isOver = true;
			this.onPassed();
		});
	}
}
