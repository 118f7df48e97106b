import { StoreUnavailable } from '../../contract/errors.ts';

interface Waiting<Item, Result> {
	readonly item: Item;
	resolve(result: Result): void;
	reject(error: unknown): void;
}

/**
 * Changes that arrive together share one transaction and its statements, so that they wait once for the disk and the
 * network. When one change of a group fails, each is tried by itself, so that it fails alone; while the store is
 * unavailable, none is tried.
 */
export class GroupCommit<Item, Result> {
	private readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
	private readonly most: number;
	private readonly atOnce: number;
	private readonly waits: boolean;
	private waiting: Waiting<Item, Result>[] = [];
	private readonly underWay = new Set<Promise<void>>();
	private scheduled = false;

	/**
	 * `run` returns one result per item. At most `most` items share a group, and at most `atOnce` groups run. Without
	 * `waits`, an item runs at once and by itself if no group is under way.
	 */
	constructor(
		run: (items: readonly Item[]) => Promise<readonly Result[]>,
		{ most, atOnce, waits = true }: { most: number; atOnce: number; waits?: boolean },
	) {
		this.run = run;
		this.most = most;
		this.atOnce = atOnce;
		this.waits = waits;
	}

	/** Resolves after the commit. */
	add(item: Item): Promise<Result> {
		return new Promise<Result>((resolve, reject) => {
			this.waiting.push({ item, resolve, reject });
			if (!this.waits) return this.start();
			if (this.scheduled) return;
			this.scheduled = true;
			setImmediate(() => {
				this.scheduled = false;
				this.start();
			});
		});
	}

	/** Resolves once nothing is under way. */
	async end(): Promise<void> {
		while (this.scheduled || this.underWay.size > 0) {
			await Promise.all(this.underWay);
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	private start(): void {
		while (this.waiting.length > 0 && this.underWay.size < this.atOnce) {
			const group = this.waiting.splice(0, this.most);
			const work = this.commit(group).finally(() => {
				this.underWay.delete(work);
				this.start();
			});
			this.underWay.add(work);
		}
	}

	private async commit(group: readonly Waiting<Item, Result>[]): Promise<void> {
		try {
			const results = await this.run(group.map(({ item }) => item));
			// `run` gives one result per item.
			group.forEach(({ resolve }, i) => resolve(results[i] as Result));
		} catch (error) {
			if (group.length === 1 || error instanceof StoreUnavailable) {
				for (const { reject } of group) reject(error);
			} else {
				await this.commitEach(group);
			}
		}
	}

	private async commitEach(group: readonly Waiting<Item, Result>[]): Promise<void> {
		let refusal: StoreUnavailable | undefined;
		for (const { item, resolve, reject } of group) {
			if (refusal) {
				reject(refusal);
				continue;
			}
			try {
				const [result] = await this.run([item]);
				// `run` gives one result per item.
				resolve(result as Result);
			} catch (error) {
				if (error instanceof StoreUnavailable) refusal = error;
				reject(error);
			}
		}
	}
}

/**
 * One group of a kind at a time. Every group takes the feed lock, so two at once would only wait for each other. While
 * one runs, the next one collects more items.
 */
const GROUPS = { most: 256, atOnce: 1 };

/** The kinds of groups of a store, which end together. */
export class GroupCommits {
	private readonly all: { end(): Promise<void> }[] = [];

	/** A new kind of group; see `GroupCommit`. */
	create<Item, Result>(
		run: (items: readonly Item[]) => Promise<readonly Result[]>,
		{ waits = true } = {},
	): GroupCommit<Item, Result> {
		const group = new GroupCommit(run, { ...GROUPS, waits });
		this.all.push(group);
		return group;
	}

	/** Resolves once nothing is under way in any of them. */
	async end(): Promise<void> {
		await Promise.all(this.all.map((group) => group.end()));
	}
}
