import type { Timers } from '../clock.ts';

export interface DueLoopOptions<Item> {
	readonly clock: Timers;
	/** Items that may be under way at once. */
	readonly concurrency: number;
	claim(now: number, limit: number): Promise<readonly Item[]>;
	/** Due time of the first item that is due after `time`. */
	nextAt(time: number): Promise<number | undefined>;
	/** Must not reject for expected failures. */
	handle(item: Item): Promise<void>;
	/**
	 * Releases claimed items that are not handled because the loop was stopped; without it, the store releases them
	 * when it is closed.
	 */
	release?(item: Item): void;
	/** Called with an unexpected error; the loop goes on. */
	onError(error: unknown): void;
}

/** Longest sleep of the loop, in case a clock jumped or a store was busy. */
const LONGEST_SLEEP_MS = 30_000;
const AFTER_ERROR_MS = 1_000;

/** Handles due items, keeps at most `concurrency` of them in memory, and sleeps until the next one. */
export class DueLoop<Item> {
	private readonly options: DueLoopOptions<Item>;
	/** Items under way. */
	private running = 0;
	/** Called when the last of them ends. */
	private readonly onIdle: (() => void)[] = [];
	private timer: { cancel(): void } | undefined;
	private scheduled = false;
	private pumping = false;
	/** The latest look at the store. */
	private look: Promise<void> | undefined;
	private again = false;
	private stopped = false;

	constructor(options: DueLoopOptions<Item>) {
		this.options = options;
	}

	/** There may be something to do now. */
	wake(): void {
		if (this.stopped) return;
		this.again = true;
		if (this.pumping || this.scheduled) return;
		// Items that end together, as a group commit lets them, share one look at the store.
		this.scheduled = true;
		setImmediate(() => {
			this.scheduled = false;
			this.look = this.pump();
		});
	}

	/** Starts nothing more and resolves when all items under way have ended. */
	async stop(): Promise<void> {
		this.stopped = true;
		this.timer?.cancel();
		// Its claims are not started any more.
		await this.look;
		if (this.running > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve));
	}

	private async pump(): Promise<void> {
		this.pumping = true;
		try {
			while (this.again && !this.stopped) {
				this.again = false;
				await this.claimAndStart();
			}
		} catch (error) {
			this.options.onError(error);
			this.wakeAt(this.options.clock.now() + AFTER_ERROR_MS);
		} finally {
			this.pumping = false;
		}
		if (this.again && !this.stopped && this.timer === undefined) this.wake();
	}

	private async claimAndStart(): Promise<void> {
		const { clock, concurrency } = this.options;
		const free = concurrency - this.running;
		// With no room left, an item that ends wakes the loop.
		if (free <= 0) return;
		const now = clock.now();
		const items = await this.options.claim(now, free);
		if (this.stopped) {
			for (const item of items) this.options.release?.(item);
			return;
		}
		for (const item of items) void this.run(item);
		if (items.length === free) {
			this.again = true;
			return;
		}
		// Every item that is due is under way.
		const nextAt = await this.options.nextAt(now);
		this.wakeAt(Math.min(nextAt ?? Infinity, now + LONGEST_SLEEP_MS));
	}

	private async run(item: Item): Promise<void> {
		this.running++;
		try {
			await this.options.handle(item);
		} catch (error) {
			this.options.onError(error);
		} finally {
			this.running--;
			if (this.running === 0) for (const resolve of this.onIdle.splice(0)) resolve();
			this.wake();
		}
	}

	private wakeAt(time: number): void {
		this.timer?.cancel();
		if (this.stopped) return;
		this.timer = this.options.clock.at(time, () => {
			this.timer = undefined;
			this.wake();
		});
	}
}
