import { randomUUID } from 'node:crypto';
import { StoreUnavailable } from '../../contract/errors.ts';
import { Database } from './database.ts';

/** A process that is killed keeps its claims for so long and no longer. */
const LEASE_MS = 8_000;
const BEAT_MS = 2_000;
/** After a beat that failed. */
const AGAIN_MS = 300;
/**
 * Within this time whoever lives has renewed its lease, once the database can be reached: what it tries meanwhile is
 * given up in `BEAT_PATIENCE`. With a beat less than a lease, so that a clock of the database that is set forward takes
 * nobody's: if by more than this, everybody counts as new, and if by less, no lease that is renewed has run out.
 */
const GRACE_MS = 5_000;
const BEAT_PATIENCE = { connectMs: 2_000, statementMs: 1_500, answerMs: 2_000 };

/** Work that a process has taken; `owner` is whose it is. */
export const CLAIMED_IN = ['deliveries', 'webhook_deliveries'] as const;

/**
 * This process's lease on what it has claimed, and the claims of processes that died. A claim is a row's `owner`; it lasts
 * as long as its owner's lease, which one small write renews for all of them. By the database's clock, which all processes
 * share.
 *
 * Whoever is late loses the lease, and others repeat its work. So the renewal waits for nothing else: it has a connection
 * of its own, gives it up soon when nobody answers, and does not wait for the disk.
 */
export class Leases {
	/** Of this process, for as long as it lives. */
	readonly owner = randomUUID();
	private readonly database: Database;
	private readonly beats: Database;
	private timer: NodeJS.Timeout | undefined;
	private hasEnded = false;
	private renewing: Promise<void> | undefined;
	private freeing: Promise<void> | undefined;
	/** By `performance.now()`. */
	private heldUntil = 0;

	constructor(database: Database, url: string) {
		this.database = database;
		this.beats = new Database(url, 1, BEAT_PATIENCE);
	}

	/** Resolves when claims that are made now will last: before that, others would take them for a dead process's. */
	async hold(): Promise<void> {
		this.timer ??= this.beatIn(BEAT_MS);
		if (performance.now() < this.heldUntil - LEASE_MS / 2) return;
		await this.renew();
		await this.freeClaimsOfTheDead();
	}

	/**
	 * Throws when a claim has taken so long that another process may have its rows by now, so that nothing of it may start;
	 * `onLost` runs before that.
	 */
	confirm(onLost: () => void = () => undefined): void {
		if (performance.now() < this.heldUntil) return;
		onLost();
		throw new StoreUnavailable('The lease has run out while something was claimed');
	}

	async end(): Promise<void> {
		this.hasEnded = true;
		clearTimeout(this.timer);
		await this.renewing?.catch(() => undefined);
		try {
			if (this.timer === undefined) return;
			for (const table of CLAIMED_IN) {
				await this.database.rows(`UPDATE sureping.${table} SET owner = NULL WHERE owner = $1`, [
					this.owner,
				]);
			}
			await this.database.rows('DELETE FROM sureping.workers WHERE id = $1', [this.owner]);
		} finally {
			await this.beats.close();
		}
	}

	private beatIn(ms: number): NodeJS.Timeout {
		return setTimeout(() => void this.beat(), ms).unref();
	}

	private async beat(): Promise<void> {
		const isRenewed = await this.renew().then(
			() => true,
			() => false,
		);
		if (this.hasEnded) return;
		this.timer = this.beatIn(isRenewed ? BEAT_MS : AGAIN_MS);
		// The next beat does not wait for it.
		if (isRenewed) this.freeClaimsOfTheDead().catch(() => undefined);
		// Where this connection has gone silent, so have those that nobody has used since.
		else this.database.dropIdle();
	}

	private renew(): Promise<void> {
		this.renewing ??= this.renewOnce().finally(() => (this.renewing = undefined));
		return this.renewing;
	}

	private async renewOnce(): Promise<void> {
		const start = performance.now();
		await this.beats.transaction(async (sql) => {
			// A lease that a crash of the database takes back by a second is renewed before it matters.
			sql.later('SET LOCAL synchronous_commit = off');
			sql.later(
				`INSERT INTO sureping.workers AS w (id, lease_until)
				 VALUES ($1, clock_timestamp() + $2::integer * interval '1 ms')
				 ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until,
				 steady_since = CASE
					WHEN w.lease_until > excluded.lease_until - $3::integer * interval '1 ms' THEN w.steady_since
					ELSE clock_timestamp() END`,
				[this.owner, LEASE_MS, GRACE_MS],
			);
		});
		this.heldUntil = start + LEASE_MS;
	}

	private freeClaimsOfTheDead(): Promise<void> {
		this.freeing ??= this.freeAll().finally(() => (this.freeing = undefined));
		return this.freeing;
	}

	/**
	 * When the database itself was away, nobody could renew a lease: then it has run out without its process being dead. So
	 * somebody else must have reached the database after the lease ran out, and the process still not have renewed it by
	 * then. Who that was may be dead by now: work goes on also where no process lives for long.
	 */
	private async freeAll(): Promise<void> {
		// Made before the database's clock was set back, or its place was taken by one with another clock.
		await this.database.rows(
			`UPDATE sureping.workers SET lease_until = least(lease_until, clock_timestamp() + $1::integer * interval '1 ms'),
			 steady_since = least(steady_since, clock_timestamp())
			 WHERE lease_until > clock_timestamp() + $1::integer * interval '1 ms'
			 OR steady_since > clock_timestamp()`,
			[LEASE_MS],
		);
		await this.database.rows(
			`DELETE FROM sureping.workers w WHERE lease_until < clock_timestamp() AND EXISTS (
				SELECT 1 FROM sureping.workers o WHERE o.id <> w.id
				AND o.steady_since < clock_timestamp() - $2::integer * interval '1 ms'
				AND o.lease_until - $1::integer * interval '1 ms' > w.lease_until)`,
			[LEASE_MS, GRACE_MS],
		);
		for (const table of CLAIMED_IN) {
			// An UPDATE that waits for a row goes on with its new owner and the workers that there were before: a process that
			// has started meanwhile would be none of them.
			const dead = await this.database.rows(
				`SELECT DISTINCT owner FROM sureping.${table}
				 WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM sureping.workers)`,
			);
			if (dead.length === 0) continue;
			await this.database.rows(
				`UPDATE sureping.${table} SET owner = NULL
				 WHERE owner = ANY($1::text[]) AND owner NOT IN (SELECT id FROM sureping.workers)`,
				[dead.map(({ owner }) => String(owner))],
			);
		}
	}
}
