/** Requests that are worked on in one tick of the event loop. */
const PER_TICK = 32;

/**
 * Limits how many requests are worked on in one tick of the event loop; the others follow in the next ticks, in order.
 * Dispatching and pushing wait for a tick with every step, so a burst of requests must not fill one with accepts alone.
 */
export class TickLimit {
	private readonly perTick: number;
	private left: number;
	private isCounting = false;
	private readonly waiting: (() => void)[] = [];

	constructor(perTick = PER_TICK) {
		this.perTick = perTick;
		this.left = perTick;
	}

	/** Resolves when the caller may go on; undefined when that is now. */
	enter(): Promise<void> | undefined {
		this.count();
		if (this.left > 0 && this.waiting.length === 0) {
			this.left--;
			return undefined;
		}
		return new Promise((resolve) => this.waiting.push(resolve));
	}

	private count(): void {
		if (this.isCounting) return;
		this.isCounting = true;
		setImmediate(() => {
			this.isCounting = false;
			this.left = this.perTick;
			for (const resolve of this.waiting.splice(0, this.perTick)) {
				this.left--;
				resolve();
			}
			if (this.waiting.length > 0 || this.left < this.perTick) this.count();
		});
	}
}
