import type { Backlog, Upkeep } from './store/contract/upkeep.ts';

/**
 * A count is reused for this many times the time that it took: counting takes a twentieth of the time, or half of it.
 */
const REST = { usual: 20, soon: 1 };
/** A count that refuses sends is reused for no longer, however long it took. */
const LONGEST_REST_MS = 10_000;

interface Counted {
	readonly backlog: Backlog;
	/** Deliveries that had been accepted here when the count began. */
	readonly taken: number;
	/** Time at which it ended, by `performance.now()`. */
	readonly at: number;
	readonly tookMs: number;
}

/**
 * Counts the backlog. Counting costs as much as there is, and callers may ask as often as they like: one count at a time
 * serves all of them, and is reused for a while.
 */
export class BacklogCount {
	private readonly upkeep: Pick<Upkeep, 'backlog'>;
	private taken = 0;
	private last: Counted | undefined;
	private counting: Promise<Counted> | undefined;

	constructor(upkeep: Pick<Upkeep, 'backlog'>) {
		this.upkeep = upkeep;
	}

	/** Adds deliveries that were accepted here. */
	add(deliveries: number): void {
		this.taken += deliveries;
	}

	/** Deliveries that wait, at most: those that were counted last, and all that were accepted here since. */
	get mostDeliveries(): number {
		const { backlog, taken = 0 } = this.last ?? {};
		return (backlog?.deliveries ?? 0) + this.taken - taken;
	}

	/**
	 * `rest`: `soon` counts more often, since the result could refuse a send. Rejects with what the store says when it
	 * cannot count.
	 */
	async recent(rest: keyof typeof REST = 'usual'): Promise<Backlog> {
		if (this.last) {
			const { at, tookMs, backlog } = this.last;
			if (performance.now() < at + Math.min(REST[rest] * tookMs, LONGEST_REST_MS)) return backlog;
		}
		this.counting ??= this.count().finally(() => (this.counting = undefined));
		return (await this.counting).backlog;
	}

	private async count(): Promise<Counted> {
		const { taken } = this;
		const start = performance.now();
		const backlog = await this.upkeep.backlog();
		const at = performance.now();
		this.last = { backlog, taken, at, tookMs: at - start };
		return this.last;
	}
}
