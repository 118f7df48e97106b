import type { Database } from './database.ts';
import { InOrder } from './in-order.ts';
import type { CLAIMED_IN, Leases } from './leases.ts';

export interface ClaimedRowsOptions {
	readonly database: Database;
	readonly leases: Leases;
	readonly table: (typeof CLAIMED_IN)[number];
	/** Whether this process works on a row, as far as it knows. */
	isKnown(id: string): boolean;
}

/** How often a process looks for rows that are its own without its knowing. */
const LOOK_EVERY_MS = 2_000;

/**
 * The rows of one table that have this process's mark. What a process works on is what it knows to have claimed. It may
 * have more in the table: a claim whose answer was lost, or that failed between its statements, is not known here, and
 * could otherwise never end, since the lease is renewed for all that has the mark. Such rows are found before the next
 * claim, and, as a statement may reach the server late, again from time to time.
 */
export class ClaimedRows {
	private readonly options: ClaimedRowsOptions;
	private readonly claims = new InOrder();
	private readonly returns = new InOrder();
	private given = new Set<string>();
	private onTheirWay = new Set<string>();
	/** When what this process has in the table was last what it knew of, by `performance.now()`. */
	private lookedAt = -Infinity;

	constructor(options: ClaimedRowsOptions) {
		this.options = options;
	}

	/**
	 * Runs a claim. One at a time: meanwhile nothing else has this process's mark that it does not know. What a claim that
	 * fails has made known here, it gives back itself.
	 */
	claim<T>(work: () => Promise<T>): Promise<T> {
		return this.claims.run(async () => {
			await this.options.leases.hold();
			// What was given back can be claimed again, also by this process.
			await this.returnAll();
			if (performance.now() >= this.lookedAt + LOOK_EVERY_MS) await this.freeUnknown();
			try {
				return await work();
			} catch (error) {
				this.lookedAt = -Infinity;
				throw error;
			}
		});
	}

	/** These are worked on from now on, and not given back by what is on its way: its answer may have been lost. */
	keep(ids: Iterable<string>): void {
		for (const id of ids) {
			this.given.delete(id);
			this.onTheirWay.delete(id);
		}
	}

	/** Gives back what was claimed and is not worked on any more, as soon as the database takes it. */
	giveBack(ids: Iterable<string>): void {
		for (const id of ids) this.given.add(id);
		setImmediate(() => void this.returnAll().catch(() => undefined));
	}

	/** One at a time, so that whoever waits for it waits for what is on its way, too. */
	private returnAll(): Promise<void> {
		return this.returns.run(async () => {
			if (this.given.size === 0) return;
			[this.onTheirWay, this.given] = [this.given, new Set()];
			try {
				await this.free([...this.onTheirWay]);
			} catch (error) {
				for (const id of this.onTheirWay) this.given.add(id);
				throw error;
			} finally {
				this.onTheirWay = new Set();
			}
		});
	}

	private async freeUnknown(): Promise<void> {
		const { database, leases, table, isKnown } = this.options;
		const rows = await database.rows(`SELECT id FROM sureping.${table} WHERE owner = $1`, [
			leases.owner,
		]);
		const unknown = rows.map(({ id }) => String(id)).filter((id) => !isKnown(id));
		if (unknown.length > 0) await this.free(unknown);
		this.lookedAt = performance.now();
	}

	private async free(ids: readonly string[]): Promise<void> {
		const { database, leases, table } = this.options;
		await database.rows(
			`UPDATE sureping.${table} SET owner = NULL WHERE owner = $1 AND id = ANY($2::text[])`,
			[leases.owner, ids],
		);
	}
}
