import { randomUUID } from 'node:crypto';
import { StoreUnavailable } from '../../contract/errors.ts';
import { Database } from './database.ts';

/** A process that is killed keeps its claims for at most this long. */
const LEASE_MS = 8_000;
const BEAT_MS = 2_000;
/** Wait after a beat that failed. */
const AGAIN_MS = 300;
/**
 * Once the database can be reached, every living process renews its lease within this time: an attempt under way is given
 * up after `BEAT_PATIENCE`. With a beat it is shorter than a lease, so that no living process loses its lease when the
 * database's clock is set forward: by more than this, every process counts as new; by less, no renewed lease has run out.
 */
const GRACE_MS = 5_000;
const BEAT_PATIENCE = { connectMs: 2_000, statementMs: 1_500, answerMs: 2_000 };

/** Tables of work that processes claim, by their column `owner`. */
export const CLAIMED_IN = ['deliveries', 'webhook_deliveries'] as const;

/**
 * Renews this process's lease and frees the claims of processes that died. A claim is a row's `owner`; it lasts as long as
 * the owner's lease, which one small write renews for all its claims. Leases go by the database's clock, which all
 * processes share.
 *
 * A process that is late loses its lease, and others repeat its work. So the renewal waits for nothing else: it has a
 * connection of its own, gives it up soon when there is no answer, and does not wait for the disk.
 */
export class Leases {
	/** The id of this process, for as long as it lives. */
	readonly owner = randomUUID();
	private readonly database: Database;
	private readonly beats: Database;
	private timer: NodeJS.Timeout | undefined;
	private hasEnded = false;
	private renewing: Promise<void> | undefined;
	private freeing: Promise<void> | undefined;
	/** Time until which the lease is held, by `performance.now()`. */
	private heldUntil = 0;
	private terms = 0;

	constructor(database: Database, url: string) {
		this.database = database;
		this.beats = new Database(url, 1, BEAT_PATIENCE);
	}

	/** Numbers the times for which the lease has been held without a break: a claim ends with the term that it was made in. */
	get term(): number {
		return this.terms;
	}

	/** True while the lease lasts for long enough that claims may be made without waiting for it. */
	get isHeld(): boolean {
		return performance.now() < this.heldUntil - LEASE_MS / 2;
	}

	/** Resolves once the lease is held. Claims made before that would count as those of a dead process. */
	async hold(): Promise<void> {
		this.timer ??= this.beatIn(BEAT_MS);
		if (this.isHeld) return;
		await this.renew();
		await this.freeClaimsOfTheDead();
	}

	/**
	 * Throws when a claim that began in `term` has taken so long that another process may have its rows by now, so that nothing
	 * of it may start; `onLost` runs before that.
	 */
	confirm(term: number, onLost: () => void = () => undefined): void {
		// The lease may have run out and been renewed meanwhile, in another term.
		if (term === this.terms && performance.now() < this.heldUntil) return;
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
		// Not awaited, so that the next beat is not late.
		if (isRenewed) this.freeClaimsOfTheDead().catch(() => undefined);
		// If this connection has gone silent, idle ones have, too.
		else this.database.dropIdle();
	}

	private renew(): Promise<void> {
		this.renewing ??= this.renewOnce().finally(() => (this.renewing = undefined));
		return this.renewing;
	}

	private async renewOnce(): Promise<void> {
		const start = performance.now();
		await this.beats.transaction(async (sql) => {
			// A crash of the database may undo a renewal of the last second; the next one comes before that matters.
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
		// Renewed late, the lease may have run out for the others, which have its claims then.
		if (performance.now() >= this.heldUntil) this.terms++;
		this.heldUntil = start + LEASE_MS;
	}

	private freeClaimsOfTheDead(): Promise<void> {
		this.freeing ??= this.freeAll().finally(() => (this.freeing = undefined));
		return this.freeing;
	}

	/**
	 * While the database is away, no process can renew its lease, so a lease that has run out does not mean a dead process.
	 * Another process must have reached the database after the lease ran out, and still have found it not renewed. That other
	 * process may be dead by now: work goes on even where no process lives for long.
	 */
	private async freeAll(): Promise<void> {
		// Leases from before the database's clock was set back, or from a database with another clock.
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
			// An UPDATE that waits for a row sees the row's new owner but the old list of workers, in which a process that has
			// started meanwhile is missing. So the dead are read first.
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
