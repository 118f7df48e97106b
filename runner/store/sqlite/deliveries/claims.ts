import { isFinal, type Notification } from '@sureping/engine';
import type { DueDelivery } from '../../contract/deliveries.ts';
import type { DeliveryGates } from '../../contract/limits.ts';
import type { Broken } from '../../rows/broken-row.ts';
import { laneOf, PRIORITIES, type WaitingDelivery } from '../../rows/delivery.ts';
import type { NotificationRecord } from '../../rows/notification.ts';
import { DeliveryLanes } from '../../rules/delivery-lanes.ts';
import { PASSES } from '../../rules/fair-shares.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import type { Statements } from '../db/statements.ts';
import { Undurable } from '../db/undurable.ts';
import { readNotification } from '../notifications/rows.ts';
import { DeliveryQueues, type Queue, type Reserved } from './queues.ts';
import { RecordCache } from './record-cache.ts';
import { expiringRows, type LaneOfPriority, laneRows, nextExpiryAt, nextLastAt } from './rows.ts';

interface Claim {
	readonly due: DueDelivery;
	readonly queue: Queue;
	readonly dueAt: number;
	/** It counts as an attempt of its connection. */
	readonly isAttempt: boolean;
	/** Otherwise it is still due when the claim ends. */
	isSettled: boolean;
	/** Time at which it is due again, if its outcome was stored and was not final. */
	next?: (LaneOfPriority & { readonly dueAt: number }) | undefined;
}

/** An attempt, the end of one that expired or whose report did not come, or of one that cannot wait for a pause to end. */
type ClaimKind = 'attempt' | 'end' | 'too late';

/** Bounds how long a lost hint delays a delivery. */
const LOOK_EVERY_MS = 30_000;

/** Claims of deliveries. They live in memory: after a crash everything is due again. */
export class DeliveryClaims {
	private readonly sql: Statements;
	private readonly gates: DeliveryGates;
	private readonly lanes: DeliveryLanes;
	private readonly records = new RecordCache();
	private readonly queues: DeliveryQueues;
	private readonly claims = new Map<string, Claim>();
	private readonly undurable: Undurable;
	/** Not later than the first time at which a waiting delivery expires. */
	private expiryAt: number;
	private lookedAt = 0;

	constructor(sql: Statements, commits: GroupCommit, gates: DeliveryGates) {
		this.sql = sql;
		this.undurable = new Undurable(commits);
		this.gates = gates;
		this.lanes = new DeliveryLanes(gates);
		this.queues = new DeliveryQueues(sql, gates, this.lanes, (row) => this.isFree(row));
		this.expiryAt = nextExpiryAt(sql, 0) ?? Infinity;
	}

	/**
	 * Notes when the deliveries of a notification are due, once the disk has its rows: an attempt must not tell of what a crash
	 * could undo.
	 */
	expectAll(notification: Notification): void {
		this.records.forget(notification.id);
		this.undurable.hold(notification.id, () => this.expectNow(notification));
	}

	private expectNow({ deliveries, priority, expiresAt = Infinity }: Notification): void {
		for (const delivery of deliveries) {
			if (delivery.dueAt === undefined || isFinal(delivery)) continue;
			this.queues.expect(laneOf(delivery), PRIORITIES.indexOf(priority), delivery.dueAt);
			this.expiryAt = Math.min(this.expiryAt, expiresAt);
		}
	}

	/** A delivery is due at `due`. */
	expect(lane: string, priority: number, due: number): void {
		this.queues.expect(lane, priority, due);
	}

	/** Keeps a notification that is about to be written, so that it need not be read again if it is claimed soon. */
	remember(record: NotificationRecord, bytes: number): void {
		this.records.remember(record, bytes);
	}

	/** A notification as its rows are, if that is known. */
	record(notificationId: string): NotificationRecord | undefined {
		return this.records.get(notificationId);
	}

	/** A claimed delivery. */
	get(deliveryId: string): DueDelivery | undefined {
		return this.claims.get(deliveryId)?.due;
	}

	/**
	 * Takes up to `limit`: first expired deliveries, overdue reports and deliveries that cannot wait for a pause to
	 * end, then critical deliveries, then the others, each time the same number of every connection: see `FairShares`.
	 * `reserved`, by delivery, are to be stored, and `broken` rows to be added to the dead letters.
	 */
	claim(
		now: number,
		limit: number,
	): {
		taken: readonly DueDelivery[];
		reserved: ReadonlyMap<string, Reserved>;
		broken: readonly Broken[];
	} {
		const taken: DueDelivery[] = [];
		const reserved = new Map<string, Reserved>();
		const broken: Broken[] = [];
		const take = (rows: readonly WaitingDelivery[], most: number, kind: ClaimKind): number => {
			const found = this.take(rows, most, now, kind, broken);
			taken.push(...found);
			return found.length;
		};

		if (Math.abs(now - this.lookedAt) >= LOOK_EVERY_MS) {
			this.lookedAt = now;
			this.queues.look();
		}
		if (this.expiryAt <= now) {
			const most = limit + this.claims.size;
			const rows = expiringRows(this.sql, now, most);
			take(rows, limit, 'end');
			// Deliveries under way expire when their attempt ends.
			if (taken.length < limit) this.expiryAt = nextExpiryAt(this.sql, now) ?? Infinity;
		}
		for (const queue of this.queues.all) {
			const { tooLate } = this.lanes.opening(queue.lane, now);
			const most = limit - taken.length;
			if (tooLate === undefined || most <= 0) continue;
			take(laneRows(this.sql, 'late', queue, tooLate, most + queue.claimed), most, 'too late');
		}
		this.lanes.begin(this.queues.all, now);
		for (const pass of PASSES) {
			let ready = this.queues.all
				.filter((queue) => queue.priority === pass.priority && this.lanes.isReady(queue, now))
				.sort((a, b) => a.due - b.due);
			while (ready.length > 0 && taken.length < limit) {
				const share = Math.max(1, Math.floor((limit - taken.length) / ready.length));
				ready = ready.filter((queue) => {
					const free = limit - taken.length;
					const underWay = this.queues.underWay(queue.lane);
					const room = this.lanes.roomFor(queue, pass, free, underWay, now);
					const most = Math.min(share, room);
					if (most <= 0) return false;
					const rows = this.queues.candidates(queue, most, now, reserved);
					return (
						take(rows, most, queue.lane === '' ? 'end' : 'attempt') > 0 &&
						this.lanes.isReady(queue, now)
					);
				});
			}
		}
		return { taken, reserved, broken };
	}

	release(deliveryId: string): void {
		const claim = this.claims.get(deliveryId);
		if (!claim) return;
		this.claims.delete(deliveryId);
		this.records.forget(claim.due.notification.id);
		const { queue, isAttempt } = claim;
		queue.claimed--;
		if (isAttempt) this.gates.end(queue.lane, deliveryId);
		if (!claim.isSettled) queue.due = Math.min(queue.due, claim.dueAt);
		// A search for the first free row passed over it meanwhile, as it was still under way.
		const { next } = claim;
		if (next) this.queues.expect(next.lane, next.priority, next.dueAt);
	}

	/** Notes that outcomes were stored, and when these deliveries are due again. */
	settled({ deliveries, priority }: Notification): void {
		for (const delivery of deliveries) {
			const { id, state, attempts, dueAt } = delivery;
			const claim = this.claims.get(id);
			const before = claim?.due.notification.deliveries.find((one) => one.id === id);
			if (!claim || (before?.state === state && before.attempts.length === attempts.length))
				continue;
			claim.isSettled = true;
			claim.next =
				dueAt === undefined || isFinal(delivery)
					? undefined
					: { lane: laneOf(delivery), priority: PRIORITIES.indexOf(priority), dueAt };
		}
	}

	/** The first time after `time` at which something is to be done that is not under way. */
	nextAt(time: number): number | undefined {
		let next = Infinity;
		if (this.expiryAt > time) next = nextExpiryAt(this.sql, time) ?? Infinity;
		for (const queue of this.queues.all) {
			const { lane } = queue;
			const underWay = this.queues.underWay(lane);
			// The hint may be too early: its row was cancelled or is claimed.
			if (queue.due < next && (queue.due > time || underWay === 0)) this.queues.lookAgain(queue);
			if (queue.due === Infinity) continue;
			next = Math.min(next, this.lanes.nextAt(queue, underWay, time) ?? Infinity);
			if (this.lanes.mayEndShut(lane, time)) {
				next = Math.min(next, nextLastAt(this.sql, lane, time) ?? Infinity);
			}
		}
		return next === Infinity ? undefined : next;
	}

	/** Claims up to `most` of these that are free. Those that cannot be read do not keep the others back. */
	private take(
		rows: readonly WaitingDelivery[],
		most: number,
		now: number,
		kind: ClaimKind,
		broken: Broken[],
	): readonly DueDelivery[] {
		const taken: DueDelivery[] = [];
		for (const row of rows) {
			if (taken.length >= most) break;
			if (!this.isFree(row)) continue;
			try {
				const claim = this.toClaim(row, now, kind);
				if (!claim) continue;
				this.claims.set(row.id, claim);
				taken.push(claim.due);
			} catch (error) {
				broken.push({ id: row.id, error, notificationId: row.notificationId });
			}
		}
		return taken;
	}

	private isFree({ id, notificationId }: WaitingDelivery): boolean {
		return !this.claims.has(id) && !this.undurable.has(notificationId);
	}

	private toClaim(row: WaitingDelivery, now: number, kind: ClaimKind): Claim | undefined {
		const { id, lane, priority, dueAt } = row;
		const queue = this.queues.expect(lane, priority, Infinity);
		const record = this.read(row);
		if (!record) return undefined;
		queue.claimed++;
		const isAttempt = kind === 'attempt';
		if (isAttempt) this.lanes.start(row, now);
		const heldMs = isAttempt ? this.gates.heldFor(lane, dueAt, now) : 0;
		const isTooLate = kind === 'too late';
		const due = { notification: record.notification, deliveryId: id, heldMs, isTooLate };
		return { due, queue, dueAt, isAttempt, isSettled: false };
	}

	private read({ notificationId }: WaitingDelivery): NotificationRecord | undefined {
		const known = this.records.get(notificationId);
		const record = known ?? readNotification(this.sql, notificationId);
		if (record && !known) this.records.keep(record);
		return record;
	}
}
