/** Requests that are taken in one turn of the event loop. The others of that turn come in the next, in their order. */
const EACH_TURN = 32;

/**
 * Accepting shares the process with dispatching and pushing, whose every step waits for a turn of the event loop. Many
 * callers at once would make each turn long with accepts alone.
 */
export class Turns {
	private readonly each: number;
	private left: number;
	private isCounting = false;
	private readonly waiting: (() => void)[] = [];

	constructor(each = EACH_TURN) {
		this.each = each;
		this.left = each;
	}

	/** Resolves when it is this caller's turn; undefined when that is now. */
	take(): Promise<void> | undefined {
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
			this.left = this.each;
			for (const resolve of this.waiting.splice(0, this.each)) {
				this.left--;
				resolve();
			}
			if (this.waiting.length > 0 || this.left < this.each) this.count();
		});
	}
}
