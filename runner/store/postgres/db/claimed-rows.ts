import type { Database } from './database.ts';
import { InOrder } from './in-order.ts';
import type { CLAIMED_IN, Leases } from './leases.ts';

export interface ClaimedRowsOptions {
	readonly database: Database;
	readonly leases: Leases;
	readonly table: (typeof CLAIMED_IN)[number];
	/** True if this process knows that it has claimed the row. */
	isKnown(id: string): boolean;
	/** Called when rows were given back, which can be claimed from then on. */
	onReturned(): void;
}

/** Interval at which a process looks for rows that are marked as its own without its knowing. */
const LOOK_EVERY_MS = 2_000;

/**
 * The rows of one table that are marked as this process's. It works on those that it knows to have claimed, and may have
 * more in the table: those of a claim whose answer was lost, or that failed between its statements. Such claims would never
 * end, since the lease is renewed for all rows with the mark. They are looked for before the next claim and, as a statement
 * may reach the server late, again from time to time.
 */
export class ClaimedRows {
	private readonly options: ClaimedRowsOptions;
	private readonly claims = new InOrder();
	private readonly returns = new InOrder();
	private given = new Set<string>();
	private onTheirWay = new Set<string>();
	/** Time at which the table last held no unknown mark of this process, by `performance.now()`. */
	private lookedAt = -Infinity;

	constructor(options: ClaimedRowsOptions) {
		this.options = options;
	}

	/**
	 * Runs a claim, one at a time, so that no other rows get this process's mark without its knowing. If `work` fails,
	 * it must itself give back the rows that it has made known (`isKnown`). It gets the term of the lease that it begins in.
	 */
	claim<T>(work: (term: number) => Promise<T>): Promise<T> {
		return this.claims.run(async () => {
			const { leases } = this.options;
			await leases.hold();
			const { term } = leases;
			// Rows that were given back can be claimed again, also by this process.
			await this.returnAll();
			if (performance.now() >= this.lookedAt + LOOK_EVERY_MS) await this.freeUnknown();
			try {
				return await work(term);
			} catch (error) {
				this.lookedAt = -Infinity;
				throw error;
			}
		});
	}

	/** Keeps rows that are claimed anew from being given back by a statement that is on its way or lost. */
	keep(ids: Iterable<string>): void {
		for (const id of ids) {
			this.given.delete(id);
			this.onTheirWay.delete(id);
		}
	}

	/** Gives back claimed rows that are not worked on any more, as soon as the database can be reached. */
	giveBack(ids: Iterable<string>): void {
		for (const id of ids) this.given.add(id);
		setImmediate(() => void this.returnAll().catch(() => undefined));
	}

	/** Gives back rows within a claim, so that the rest of it finds them. */
	async giveBackNow(ids: readonly string[]): Promise<void> {
		for (const id of ids) this.given.add(id);
		await this.returnAll();
	}

	/** One at a time, so that a caller also waits for the return that is under way. */
	private returnAll(): Promise<void> {
		return this.returns.run(async () => {
			if (this.given.size === 0) return;
			[this.onTheirWay, this.given] = [this.given, new Set()];
			try {
				await this.free([...this.onTheirWay]);
				this.options.onReturned();
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
		if (unknown.length > 0) {
			await this.free(unknown);
			this.options.onReturned();
		}
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
