import type { DeliveryGates } from '../contract/limits.ts';
import type { WaitingDelivery } from '../rows/delivery.ts';
import { type DeliveryLanes, LOOKED_AT } from './delivery-lanes.ts';
import type { Pass, Queue } from './fair-shares.ts';

/** Deliveries to take from a queue. */
export interface Share {
	readonly queue: Queue;
	readonly most: number;
	/** Due rows to claim, from which `most` are chosen. */
	readonly due: number;
	/** Rows to claim whose policy's last attempt is due. */
	readonly last: number;
}

/** The claimed rows of a share: those that start, those that are not needed, and those that start later. */
export interface ChosenRows {
	readonly first: readonly WaitingDelivery[];
	readonly unused: readonly WaitingDelivery[];
	readonly later: readonly WaitingDelivery[];
}

/** Divides a claim into shares of its queues, where all shares of a pass are claimed in one statement. */
export class DeliveryShares {
	private readonly gates: DeliveryGates;
	private readonly lanes: DeliveryLanes;

	constructor(gates: DeliveryGates, lanes: DeliveryLanes) {
		this.gates = gates;
		this.lanes = lanes;
	}

	/** Divides `free` attempts among the queues. `underWay`: attempts by lane. */
	divide(
		queues: readonly Queue[],
		pass: Pass,
		free: number,
		underWay: ReadonlyMap<string, number>,
		now: number,
	): readonly Share[] {
		const each = Math.max(1, Math.floor(free / queues.length));
		let left = free;
		return queues.flatMap((queue): Share[] => {
			const busy = underWay.get(queue.lane) ?? 0;
			const most = Math.min(each, left, this.lanes.roomFor(queue, pass, left, busy, now));
			if (most <= 0) return [];
			left -= most;
			return [this.shareOf(queue, most, now)];
		});
	}

	/** The shares, cut to what their connections let through by now. */
	cut(shares: readonly Share[], now: number): readonly Share[] {
		return shares.flatMap(({ queue, most }) => {
			const room = Math.min(most, this.gates.opening(queue.lane, now).room);
			return room > 0 ? [this.shareOf(queue, room, now)] : [];
		});
	}

	/**
	 * True if the lane is to be locked while the share is claimed: its limits are shared, or more rows are taken to choose
	 * from than may start. Those are marked as ours within a transaction alone: a cancellation meanwhile would otherwise take
	 * them for being sent.
	 */
	needsLock({ queue: { lane }, due, last, most }: Share): boolean {
		return lane !== '' && (this.gates.isShared(lane) || due + last > most);
	}

	/** The lanes of shares whose recipients have limits. */
	limitedLanes(shares: readonly Share[]): readonly string[] {
		const lanes = shares.map(({ queue }) => queue.lane);
		return lanes.filter((lane) => this.gates.limitsRecipients(lane));
	}

	/** Keys of the recipients to ask about, by lane; holds every lane that limits recipients, some without any. */
	recipientKeys(
		shares: readonly Share[],
		rows: readonly WaitingDelivery[],
	): ReadonlyMap<string, ReadonlySet<string>> {
		const keys = new Map(this.limitedLanes(shares).map((lane) => [lane, new Set<string>()]));
		for (const row of rows) {
			if (row.reservedFor === undefined) keys.get(row.lane)?.add(this.lanes.recipientKey(row));
		}
		return keys;
	}

	/** Chooses among the rows that were claimed for a share. `lasts` are at the end of their policy, and go first. */
	choose(
		{ most }: Share,
		rows: readonly WaitingDelivery[],
		lasts: ReadonlySet<string>,
		now: number,
	): ChosenRows {
		const isLast = ({ id }: WaitingDelivery): number => Number(lasts.has(id));
		const first: WaitingDelivery[] = [];
		const unused: WaitingDelivery[] = [];
		const later: WaitingDelivery[] = [];
		for (const row of rows.toSorted((a, b) => isLast(b) - isLast(a) || a.dueAt - b.dueAt)) {
			const at = lasts.has(row.id) ? undefined : this.lanes.reserve(row, now);
			if (at !== undefined) later.push({ ...row, dueAt: at, reservedFor: at });
			else (first.length < most ? first : unused).push(row);
		}
		return { first, unused, later };
	}

	private shareOf(queue: Queue, most: number, now: number): Share {
		const { which } = this.lanes.opening(queue.lane, now);
		const more = this.gates.limitsRecipients(queue.lane) ? LOOKED_AT : 0;
		const due = { due: most + more, probe: 1 + more, last: 0 }[which];
		return { queue, most, due, last: which === 'due' ? 0 : most };
	}
}
