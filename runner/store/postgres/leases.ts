import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';

/** A process that is killed keeps its claims for so long and no longer. */
const LEASE_MS = 8_000;
const BEAT_MS = 2_000;
/** Within this time whoever lives has renewed its lease, once the database can be reached. */
const GRACE_MS = 2 * BEAT_MS;

/** Work that a process has taken; `owner` is whose it is. */
const CLAIMED_IN = ['deliveries', 'webhook_deliveries'] as const;

/**
 * This process's claims, and those of processes that died. A claim is a row's `owner`; it lasts as long as its owner's
 * lease, which one small write renews for all of them. By the database's clock, which all processes share.
 */
export class Leases {
	/** Of this process, for as long as it lives. */
	readonly owner = randomUUID();
	private readonly database: Database;
	private timer: NodeJS.Timeout | undefined;
	private beating: Promise<void> | undefined;
	private returning = Promise.resolve();
	private heldUntil = 0;
	private readonly given = {
		deliveries: new Set<string>(),
		webhook_deliveries: new Set<string>(),
	};

	constructor(database: Database) {
		this.database = database;
	}

	/** Resolves when claims that are made now will last: before that, others would take them for a dead process's. */
	async hold(): Promise<void> {
		this.timer ??= setInterval(() => void this.beat().catch(() => undefined), BEAT_MS).unref();
		if (performance.now() >= this.heldUntil - LEASE_MS / 2) await this.beat();
		// What was given back can be claimed again, also by this process.
		await this.returnAll();
	}

	/** Gives back what was claimed and is not worked on any more, as soon as the database takes it. */
	giveBack(table: (typeof CLAIMED_IN)[number], ids: readonly string[]): void {
		for (const id of ids) this.given[table].add(id);
		setImmediate(() => void this.returnAll().catch(() => undefined));
	}

	async end(): Promise<void> {
		clearInterval(this.timer);
		await this.beating?.catch(() => undefined);
		if (this.timer === undefined) return;
		for (const table of CLAIMED_IN) {
			await this.database.rows(`UPDATE sureping.${table} SET owner = NULL WHERE owner = $1`, [
				this.owner,
			]);
		}
		await this.database.rows('DELETE FROM sureping.workers WHERE id = $1', [this.owner]);
	}

	private beat(): Promise<void> {
		this.beating ??= this.renew().finally(() => (this.beating = undefined));
		return this.beating;
	}

	private async renew(): Promise<void> {
		const start = performance.now();
		await this.database.rows(
			`INSERT INTO sureping.workers AS w (id, lease_until)
			 VALUES ($1, clock_timestamp() + $2::integer * interval '1 ms')
			 ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until,
			 steady_since = CASE
				WHEN w.lease_until > excluded.lease_until - $3::integer * interval '1 ms' THEN w.steady_since
				ELSE clock_timestamp() END`,
			[this.owner, LEASE_MS, GRACE_MS],
		);
		this.heldUntil = start + LEASE_MS;
		await this.returnAll();
		await this.freeClaimsOfTheDead();
	}

	/** One at a time, so that whoever waits for it waits for what is on its way, too. */
	private returnAll(): Promise<void> {
		this.returning = this.returning.catch(() => undefined).then(() => this.returnGiven());
		return this.returning;
	}

	private async returnGiven(): Promise<void> {
		for (const table of CLAIMED_IN) {
			const ids = [...this.given[table]];
			if (ids.length === 0) continue;
			this.given[table].clear();
			try {
				await this.database.rows(
					`UPDATE sureping.${table} SET owner = NULL WHERE owner = $1 AND id = ANY($2::text[])`,
					[this.owner, ids],
				);
			} catch (error) {
				for (const id of ids) this.given[table].add(id);
				throw error;
			}
		}
	}

	/**
	 * When the database itself was away, nobody could renew a lease: then it has run out without its process being dead. So
	 * somebody else must have reached the database about when the lease ran out or later, and the process still not have
	 * renewed it so much later. Who that was may be dead by now: work goes on also where no process lives for long.
	 */
	private async freeClaimsOfTheDead(): Promise<void> {
		await this.database.rows(
			`DELETE FROM sureping.workers w WHERE lease_until < clock_timestamp() AND EXISTS (
				SELECT 1 FROM sureping.workers o WHERE o.id <> w.id
				AND o.steady_since < clock_timestamp() - $2::integer * interval '1 ms'
				AND o.lease_until - $1::integer * interval '1 ms' > w.lease_until - $2::integer * interval '1 ms')`,
			[LEASE_MS, GRACE_MS],
		);
		for (const table of CLAIMED_IN) {
			await this.database.rows(
				`UPDATE sureping.${table} SET owner = NULL
				 WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM sureping.workers)`,
			);
		}
	}
}
