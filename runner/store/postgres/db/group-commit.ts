import { StoreUnavailable } from '../../contract/errors.ts';

interface Waiting<Item, Result> {
	readonly item: Item;
	resolve(result: Result): void;
	reject(error: unknown): void;
}

/**
 * Changes that arrive together share one transaction and its statements: a commit waits for the disk, and a statement
 * for the network, once for all of them. When one change of a group fails, each is tried by itself, so that a bad one
 * takes nobody with it; while the store cannot take anything, none is.
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
	 * `run` gives one result per item. At most `most` items go together, and at most `atOnce` groups run. Where `waits` is
	 * false, an item that finds nothing under way is run by itself and at once.
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

	/** Resolves when nothing is under way any more. */
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
