import type { Delivery, Notification } from '@sureping/engine';
import type { DueDelivery } from '../../contract/deliveries.ts';
import type { DeliveryGates } from '../../contract/limits.ts';
import type { Broken } from '../../rows/broken-row.ts';
import { laneOf, PRIORITIES, type WaitingDelivery } from '../../rows/delivery.ts';
import { DeliveryLanes } from '../../rules/delivery-lanes.ts';
import { DeliveryShares, type Share } from '../../rules/delivery-shares.ts';
import { PASSES, type Queue, shareOf } from '../../rules/fair-shares.ts';
import { CarriedWork } from '../db/carried-work.ts';
import { ClaimedRows } from '../db/claimed-rows.ts';
import type { Database, Sql } from '../db/database.ts';
import { DueLooks } from '../db/due-looks.ts';
import type { Leases } from '../db/leases.ts';
import type { SharedConnectionLimits } from '../db/shared-connection-limits.ts';
import type { WorkSignals } from '../db/work-signals.ts';
import { readRecords } from '../notifications/rows.ts';
import { claimExpired, claimShares, claimTooLate, nextEndAt, putBack, readQueues } from './rows.ts';

interface Taken {
	readonly share: Share;
	readonly rows: readonly WaitingDelivery[];
}

/** A delivery that the transaction which accepts it claims as well. */
interface CarriedDelivery extends WaitingDelivery {
	readonly notification: Notification;
	readonly bytes: number;
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

/** Deliveries that wait in memory. */
const MOST_CARRIED = 1_024;

export interface DeliveryClaimsOptions {
	readonly database: Database;
	readonly leases: Leases;
	readonly gates: DeliveryGates;
	readonly limits: SharedConnectionLimits;
	readonly signals: Pick<WorkSignals, 'isWorker' | 'onDue'>;
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
	private readonly carried: CarriedWork<CarriedDelivery>;
	private readonly looks: DueLooks;
	private readonly signals: DeliveryClaimsOptions['signals'];
	/** Lanes with due deliveries that the latest look left behind, or that were written unclaimed since. */
	private behind = new Set<string>();

	constructor({ database, leases, gates, limits, signals, now }: DeliveryClaimsOptions) {
		this.database = database;
		this.leases = leases;
		this.gates = gates;
		this.lanes = new DeliveryLanes(gates);
		this.shares = new DeliveryShares(gates, this.lanes);
		this.limits = limits;
		this.now = now;
		this.looks = new DueLooks(() => signals.isWorker);
		this.rows = new ClaimedRows({
			database,
			leases,
			table: 'deliveries',
			isKnown: (id) => this.claims.has(id) || this.carried.has(id),
			onReturned: this.looks.becameDue,
		});
		this.carried = new CarriedWork(leases, MOST_CARRIED);
		this.signals = signals;
		signals.onDue(this.looks.becameDue);
	}

	/**
	 * Reserves the start of a delivery that a transaction is about to write. True if it may write the row as this process's:
	 * it is due, and nothing that is shared with other processes or that waits already stands before it. Otherwise it is
	 * claimed from the rows.
	 */
	reserve(notification: Notification, delivery: Delivery, bytes: number): boolean {
		const { id, recipient, dueAt } = delivery;
		if (dueAt === undefined || !this.signals.isWorker) return false;
		const now = this.now();
		const lane = laneOf(delivery);
		const priority = PRIORITIES.indexOf(notification.priority);
		const isFirst = dueAt <= now && !this.behind.has(lane) && this.isOpen(lane, now);
		const waiting = { id, notificationId: notification.id, lane, priority, recipient, dueAt };
		const row = { ...waiting, reservedFor: undefined, notification, bytes };
		if (isFirst && this.carried.reserve(row)) return true;
		if (dueAt <= now) this.behind.add(lane);
		return false;
	}

	/** The transaction that wrote these reserved deliveries is committed: the next claim starts them. */
	committed(ids: readonly string[]): void {
		this.carried.commit(ids);
	}

	/** Gives back the deliveries of a notification that wait here to be started, so that they can be cancelled. */
	async recall(notificationId: string): Promise<void> {
		const ids = this.carried.recall((row) => row.notificationId === notificationId);
		if (ids.length > 0) await this.rows.giveBackNow(ids);
	}

	/** The transaction that was to write these reserved deliveries wrote nothing. */
	rolledBack(ids: readonly string[]): void {
		this.carried.cancel(ids);
	}

	/** The transaction that wrote these reserved deliveries may be committed: its answer was lost. */
	lost(ids: readonly string[]): void {
		if (ids.length === 0) return;
		this.carried.cancel(ids);
		this.rows.giveBack(ids);
	}

	/**
	 * Takes up to `limit`: first expired deliveries, overdue reports and deliveries that cannot wait for a pause to
	 * end, then critical deliveries, then the others, each time the same number of every connection: see `FairShares`.
	 * `broken` rows are to be added to the dead letters. `term` is the term of the lease in which all was claimed.
	 */
	take(
		now: number,
		limit: number,
	): Promise<{
		readonly taken: readonly DueDelivery[];
		readonly broken: readonly Broken[];
		readonly term: number;
	}> {
		return this.rows.claim(async (term) => {
			const rows: WaitingDelivery[] = [];
			try {
				await this.limits.storeNews();
				const carried = await this.startCarried(now, limit, rows);
				if (this.looks.isNeeded(now)) await this.look(now, limit, rows);
				const read = await this.read(rows.slice(carried.length), now);
				this.leases.confirm(term);
				const taken = carried.map((row) => this.dueOf(row, row.notification, now));
				return { taken: [...taken, ...read.taken], broken: read.broken, term };
			} catch (error) {
				for (const { id } of rows) this.release(id);
				throw error;
			}
		});
	}

	/**
	 * Starts what committed transactions carried here, and adds it to `rows`. What has expired or its connection does not let
	 * start now goes back to the others, except for what this process still works on.
	 */
	private async startCarried(
		now: number,
		limit: number,
		rows: WaitingDelivery[],
	): Promise<readonly CarriedDelivery[]> {
		const started: CarriedDelivery[] = [];
		const refused = this.carried.offer((row) => {
			if (hasExpired(row, now) || !this.isOpen(row.lane, now)) return 'refused';
			const underWay = this.underWay.get(row.lane) ?? 0;
			if (shareOf(row.priority, limit - started.length, underWay) <= 0) return 'waits';
			if (this.claim([row], true, now).length === 0) return 'refused';
			started.push(row);
			return 'started';
		});
		rows.push(...started);
		const left = refused.filter((id) => !this.claims.has(id));
		if (left.length > 0) await this.rows.giveBackNow(left);
		return started;
	}

	/** Nothing holds the lane back, and nothing of its limits is shared with other processes. */
	private isOpen(lane: string, now: number): boolean {
		if (lane === '' || this.gates.isShared(lane) || this.gates.limitsRecipients(lane)) return false;
		const { room, which, tooLate } = this.lanes.opening(lane, now);
		return which === 'due' && tooLate === undefined && room > 0;
	}

	private async look(now: number, limit: number, rows: WaitingDelivery[]): Promise<void> {
		await this.looks.run(async () => {
			const before = this.behind;
			this.behind = new Set();
			let left: readonly string[] | undefined;
			try {
				left = await this.takeDue(now, limit, rows);
			} finally {
				for (const lane of left ?? before) this.behind.add(lane);
			}
			return !left || left.length > 0 || rows.length >= limit;
		});
	}

	/**
	 * Claims due deliveries and adds them to `rows` at once, so that they can be released if a later statement fails. Returns
	 * the lanes that may have more; undefined if there was no room to look for them.
	 */
	private async takeDue(
		now: number,
		limit: number,
		rows: WaitingDelivery[],
	): Promise<readonly string[] | undefined> {
		const room = limit - rows.length;
		if (room <= 0) return undefined;
		const expired = await claimExpired(this.database, now, room, this.leases.owner);
		rows.push(...this.claim(expired, false, now));
		if (rows.length >= limit) return undefined;
		const queues = await this.queues();
		rows.push(...(await this.takeTooLate(queues, now, limit - rows.length)));
		this.lanes.begin(queues, now);
		const emptied = new Set<string>();
		for (const pass of PASSES) {
			let ready = queues
				.filter((queue) => queue.priority === pass.priority && this.lanes.isReady(queue, now))
				.sort((a, b) => a.due - b.due);
			while (ready.length > 0 && rows.length < limit) {
				const free = limit - rows.length;
				const shares = this.shares.divide(ready, pass, free, this.underWay, now);
				if (shares.length === 0) break;
				const chosen = await this.takeAll(shares, now, rows);
				const isMore = (one: Taken): boolean => one.rows.length === one.share.most;
				for (const one of chosen) if (!isMore(one)) emptied.add(keyOf(one.share.queue));
				ready = chosen.filter(isMore).map(({ share }) => share.queue);
			}
		}
		const left = queues.filter((queue) => queue.due <= now && !emptied.has(keyOf(queue)));
		return left.map(({ lane }) => lane);
	}

	/** Notes that the claim ended in the transaction that stored the outcome of its attempt. */
	ended(deliveryId: string): void {
		const claim = this.claims.get(deliveryId);
		if (claim) claim.hasEnded = true;
	}

	release(deliveryId: string): void {
		const claim = this.forget(deliveryId);
		if (!claim) return;
		this.looks.freed();
		if (!claim.hasEnded) this.rows.giveBack([deliveryId]);
	}

	/** The first time after `time` at which something unclaimed is to be done, or what waits here expires. */
	async nextAt(time: number): Promise<number | undefined> {
		const next = await this.looks.nextAt(time, () => this.findNext(time));
		const ends = this.carried
			.waiting()
			.map(({ notification }) => notification.expiresAt ?? Infinity);
		const first = Math.min(next ?? Infinity, ...ends.filter((at) => at > time));
		return first === Infinity ? undefined : first;
	}

	private async findNext(time: number): Promise<number | undefined> {
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
		const found = Map.groupBy(rows, keyOf);
		await adoptRecipients?.(this.shares.recipientKeys(shares, rows));
		const chosen = shares.map((share) => {
			const own = found.get(keyOf(share.queue)) ?? [];
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
		for (const row of rows) {
			const { id, notificationId } = row;
			const record = records.get(notificationId);
			if (record) {
				taken.push(this.dueOf(row, record.notification, now));
			} else {
				const error = errors.get(notificationId) ?? new Error('Its notification is not there');
				unreadable.push({ id, error });
			}
		}
		return { taken, broken: unreadable };
	}

	private dueOf(
		{ id, lane, dueAt }: WaitingDelivery,
		notification: Notification,
		now: number,
	): DueDelivery {
		const { isAttempt = false, isTooLate = false } = this.claims.get(id) ?? {};
		const heldMs = isAttempt ? this.gates.heldFor(lane, dueAt, now) : 0;
		return { notification, deliveryId: id, heldMs, isTooLate };
	}
}

const hasExpired = ({ notification: { expiresAt } }: CarriedDelivery, now: number): boolean =>
	expiresAt !== undefined && expiresAt <= now;

const keyOf = ({ lane, priority }: Pick<Queue, 'lane' | 'priority'>): string =>
	`${priority} ${lane}`;
