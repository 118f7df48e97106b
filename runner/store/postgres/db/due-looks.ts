/**
 * Decides when a worker has to look for due rows. Between two looks it starts what its own transactions carried to it. A
 * process that is no worker is told of nothing, and looks whenever it is asked to.
 */
export class DueLooks {
	private readonly isWorker: () => boolean;
	private mayBeDue = true;
	/** The latest look left due rows behind, for which there was no room. */
	private isMore = false;
	/** The first time after the latest look at which something is due, if that is known. */
	private next: { readonly at: number } | undefined;

	constructor(isWorker: () => boolean) {
		this.isWorker = isWorker;
	}

	/** Rows may have become due that nobody has claimed. */
	readonly becameDue = (): void => {
		this.mayBeDue = true;
	};

	/** Something that was under way has ended, so that there may be room for what was left behind. */
	freed(): void {
		if (this.isMore) this.mayBeDue = true;
	}

	isNeeded(now: number): boolean {
		return this.mayBeDue || !this.isWorker() || !this.next || now >= this.next.at;
	}

	/** Runs a look. Whatever becomes due after its beginning needs another one. `look` resolves with true if it left due rows behind. */
	async run(look: () => Promise<boolean>): Promise<void> {
		this.mayBeDue = false;
		this.next = undefined;
		try {
			this.isMore = await look();
		} catch (error) {
			this.mayBeDue = true;
			throw error;
		}
	}

	/** The first time after `time` at which something is due; `find` reads it once after each look. */
	async nextAt(time: number, find: () => Promise<number | undefined>): Promise<number | undefined> {
		if (this.isNeeded(time)) this.next = { at: (await find()) ?? Infinity };
		const at = this.next?.at ?? Infinity;
		return at === Infinity ? undefined : at;
	}
}
