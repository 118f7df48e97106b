import type { DueDelivery } from '../../contract/deliveries.ts';
import type { DeliveryGates } from '../../contract/limits.ts';
import type { Broken } from '../../rows/broken-row.ts';
import type { WaitingDelivery } from '../../rows/delivery.ts';
import { DeliveryLanes } from '../../rules/delivery-lanes.ts';
import { DeliveryShares, type Share } from '../../rules/delivery-shares.ts';
import { PASSES, type Queue } from '../../rules/fair-shares.ts';
import { ClaimedRows } from '../db/claimed-rows.ts';
import type { Database, Sql } from '../db/database.ts';
import type { Leases } from '../db/leases.ts';
import type { SharedConnectionLimits } from '../db/shared-connection-limits.ts';
import { readRecords } from '../notifications/rows.ts';
import { claimExpired, claimShares, claimTooLate, nextEndAt, putBack, readQueues } from './rows.ts';

interface Taken {
	readonly share: Share;
	readonly rows: readonly WaitingDelivery[];
}

interface Claim {
	readonly lane: string;
	/** It counts as an attempt of its connection. */
	readonly isAttempt: boolean;
	/** Its connection's pause lasts too long for it. */
	readonly isTooLate: boolean;
	/** Its outcome is stored, and the claim of its row has ended. */
	hasEnded: boolean;
}

export interface DeliveryClaimsOptions {
	readonly database: Database;
	readonly leases: Leases;
	readonly gates: DeliveryGates;
	readonly limits: SharedConnectionLimits;
	now(): number;
}

/** Claims of deliveries. */
export class DeliveryClaims {
	private readonly database: Database;
	private readonly leases: Leases;
	private readonly gates: DeliveryGates;
	private readonly lanes: DeliveryLanes;
	private readonly shares: DeliveryShares;
	private readonly limits: SharedConnectionLimits;
	private readonly now: () => number;
	private readonly rows: ClaimedRows;
	private readonly claims = new Map<string, Claim>();
	private readonly underWay = new Map<string, number>();

	constructor({ database, leases, gates, limits, now }: DeliveryClaimsOptions) {
		this.database = database;
		this.leases = leases;
		this.gates = gates;
		this.lanes = new DeliveryLanes(gates);
		this.shares = new DeliveryShares(gates, this.lanes);
		this.limits = limits;
		this.now = now;
		this.rows = new ClaimedRows({
			database,
			leases,
			table: 'deliveries',
			isKnown: (id) => this.claims.has(id),
		});
	}

	/**
	 * Takes up to `limit`: first expired deliveries, overdue reports and deliveries that cannot wait for a pause to
	 * end, then critical deliveries, then the others, each time the same number of every connection: see `FairShares`.
	 * `broken` rows are to be added to the dead letters.
	 */
	take(
		now: number,
		limit: number,
	): Promise<{ readonly taken: readonly DueDelivery[]; readonly broken: readonly Broken[] }> {
		return this.rows.claim(async () => {
			const rows: WaitingDelivery[] = [];
			try {
				await this.limits.storeNews();
				await this.takeDue(now, limit, rows);
				const read = await this.read(rows, now);
				this.leases.confirm();
				return read;
			} catch (error) {
				for (const { id } of rows) this.release(id);
				throw error;
			}
		});
	}

	/** Claims due deliveries and adds them to `rows` at once, so that they can be released if a later statement fails. */
	private async takeDue(now: number, limit: number, rows: WaitingDelivery[]): Promise<void> {
		const expired = await claimExpired(this.database, now, limit, this.leases.owner);
		rows.push(...this.claim(expired, false, now));
		const queues = rows.length < limit ? await this.queues() : [];
		rows.push(...(await this.takeTooLate(queues, now, limit - rows.length)));
		this.lanes.begin(queues, now);
		for (const pass of PASSES) {
			let ready = queues
				.filter((queue) => queue.priority === pass.priority && this.lanes.isReady(queue, now))
				.sort((a, b) => a.due - b.due);
			while (ready.length > 0 && rows.length < limit) {
				const free = limit - rows.length;
				const shares = this.shares.divide(ready, pass, free, this.underWay, now);
				if (shares.length === 0) break;
				const chosen = await this.takeAll(shares, now, rows);
				ready = chosen
					.filter((one) => one.rows.length === one.share.most)
					.map(({ share }) => share.queue);
			}
		}
	}

	/** Notes that the claim ended in the transaction that stored the outcome of its attempt. */
	ended(deliveryId: string): void {
		const claim = this.claims.get(deliveryId);
		if (claim) claim.hasEnded = true;
	}

	release(deliveryId: string): void {
		const claim = this.forget(deliveryId);
		if (claim && !claim.hasEnded) this.rows.giveBack([deliveryId]);
	}

	/** The first time after `time` at which something unclaimed is to be done. */
	async nextAt(time: number): Promise<number | undefined> {
		const queues = await this.queues();
		const times = queues.flatMap(
			(queue) => this.lanes.nextAt(queue, this.underWay.get(queue.lane) ?? 0, time) ?? [],
		);
		const shut = queues.map(({ lane }) => lane).filter((lane) => this.lanes.mayEndShut(lane, time));
		const next = Math.min(...times, await nextEndAt(this.database, time, shut));
		return next === Infinity ? undefined : next;
	}

	private forget(deliveryId: string): Claim | undefined {
		const claim = this.claims.get(deliveryId);
		if (!claim) return undefined;
		this.claims.delete(deliveryId);
		this.underWay.set(claim.lane, (this.underWay.get(claim.lane) ?? 1) - 1);
		if (claim.isAttempt) this.gates.end(claim.lane, deliveryId);
		return claim;
	}

	private async queues(): Promise<readonly Queue[]> {
		const rows = await readQueues(this.database, this.limits.rows.sharedNow);
		this.limits.rows.adopt(rows, this.now());
		return rows.map(({ lane, priority, due_at }) => ({
			lane: String(lane),
			priority: Number(priority),
			due: Number(due_at),
		}));
	}

	/** Claims deliveries whose last attempt a pause would make too late. */
	private async takeTooLate(
		queues: readonly Queue[],
		now: number,
		limit: number,
	): Promise<readonly WaitingDelivery[]> {
		const paused = queues.flatMap(({ lane, priority }) => {
			// The rest of a pause counts from the time it is now, however long the claim has waited for the database.
			const { tooLate } = this.lanes.opening(lane, this.now());
			return tooLate === undefined ? [] : [{ lane, priority, tooLate }];
		});
		if (paused.length === 0 || limit <= 0) return [];
		const late = await claimTooLate(this.database, paused, limit, this.leases.owner);
		return this.claim(late, false, now, true);
	}

	/** Lanes with shared limits are claimed while their rows are locked; the others need no lock. */
	private async takeAll(
		shares: readonly Share[],
		now: number,
		rows: WaitingDelivery[],
	): Promise<readonly Taken[]> {
		const [counted = [], free = []] = [true, false].map((isLocked) =>
			shares.filter((share) => this.shares.needsLock(share) === isLocked),
		);
		const taken: Taken[] = [];
		const add = (some: readonly Taken[]): void => {
			taken.push(...some);
			rows.push(...some.flatMap((one) => one.rows));
		};
		if (free.length > 0) add(await this.takeShares(this.database, free, now));
		if (counted.length > 0) add(await this.takeShared(counted, now));
		return taken;
	}

	private async takeShared(shares: readonly Share[], now: number): Promise<readonly Taken[]> {
		const claimed: string[] = [];
		const undo = (): void => {
			for (const id of claimed.splice(0)) this.forget(id);
		};
		const lanes = shares.map(({ queue }) => queue.lane);
		try {
			return await this.limits.rows.whileLocked(lanes, this.now, async (sql, aheadMs) => {
				undo();
				const open = this.shares.cut(shares, this.now());
				if (open.length === 0) return [];
				const taken = await this.takeShares(sql, open, now, (recipients) =>
					this.limits.adoptRecipients(sql, recipients, aheadMs),
				);
				claimed.push(...taken.flatMap(({ rows }) => rows.map(({ id }) => id)));
				this.limits.storeRecipients(sql, this.shares.limitedLanes(open), aheadMs);
				return taken;
			});
		} catch (error) {
			// It may have been committed.
			const ids = [...claimed];
			undo();
			this.rows.giveBack(ids);
			throw error;
		}
	}

	/** Claims rows and chooses among them. `adoptRecipients` reads when the recipients may be written to. */
	private async takeShares(
		sql: Sql,
		shares: readonly Share[],
		now: number,
		adoptRecipients?: (keys: ReadonlyMap<string, ReadonlySet<string>>) => Promise<void>,
	): Promise<readonly Taken[]> {
		const { rows, lasts } = await claimShares(sql, shares, now, this.leases.owner);
		const found = Map.groupBy(rows, ({ lane, priority }) => `${priority} ${lane}`);
		await adoptRecipients?.(this.shares.recipientKeys(shares, rows));
		const chosen = shares.map((share) => {
			const { lane, priority } = share.queue;
			const own = found.get(`${priority} ${lane}`) ?? [];
			return { share, ...this.shares.choose(share, own, lasts, now) };
		});
		const rest = chosen.flatMap(({ unused, later }) => [...unused, ...later]);
		await putBack(sql, rest, this.leases.owner);
		return chosen.map(({ share, first }) => ({
			share,
			rows: this.claim(first, share.queue.lane !== '', now),
		}));
	}

	/** Registers claims. Rows that this process still works on, although its lease ran out, are not given out anew. */
	private claim(
		rows: readonly WaitingDelivery[],
		isAttempt: boolean,
		now: number,
		isTooLate = false,
	): readonly WaitingDelivery[] {
		const taken = rows.filter(({ id }) => !this.claims.has(id));
		this.rows.keep(taken.map(({ id }) => id));
		for (const row of taken) {
			const { id, lane } = row;
			this.claims.set(id, { lane, isAttempt, isTooLate, hasEnded: false });
			this.underWay.set(lane, (this.underWay.get(lane) ?? 0) + 1);
			if (isAttempt) this.lanes.start(row, now);
		}
		return taken;
	}

	private async read(
		rows: readonly WaitingDelivery[],
		now: number,
	): Promise<{ readonly taken: readonly DueDelivery[]; readonly broken: readonly Broken[] }> {
		if (rows.length === 0) return { taken: [], broken: [] };
		const ids = [...new Set(rows.map(({ notificationId }) => notificationId))];
		const { records, broken } = await readRecords(this.database, ids);
		const errors = new Map(broken.map(({ id, error }) => [id, error]));
		const taken: DueDelivery[] = [];
		const unreadable: Broken[] = [];
		for (const { id, notificationId, lane, dueAt } of rows) {
			const record = records.get(notificationId);
			if (record) {
				const { isAttempt = false, isTooLate = false } = this.claims.get(id) ?? {};
				const heldMs = isAttempt ? this.gates.heldFor(lane, dueAt, now) : 0;
				taken.push({ notification: record.notification, deliveryId: id, heldMs, isTooLate });
			} else {
				const error = errors.get(notificationId) ?? new Error('Its notification is not there');
				unreadable.push({ id, error });
			}
		}
		return { taken, broken: unreadable };
	}
}
