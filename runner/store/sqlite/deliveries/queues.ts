import type { Opening } from '@sureping/engine';
import type { DeliveryGates } from '../../contract/limits.ts';
import { PRIORITIES, type WaitingDelivery } from '../../rows/delivery.ts';
import { type DeliveryLanes, LOOKED_AT } from '../../rules/delivery-lanes.ts';
import type { Queue as FairQueue } from '../../rules/fair-shares.ts';
import type { Statements } from '../db/statements.ts';
import { laneRows, nextDeliveryQueue } from './rows.ts';

export interface Queue extends FairQueue {
	/** No later than the first due time of the free rows. */
	due: number;
	/** Rows that are claimed. */
	claimed: number;
}

/** The start that its recipient's limit reserves for a delivery; milliseconds since 1970. */
export interface Reserved {
	readonly notificationId: string;
	readonly at: number;
}

/** Rows read beyond those that may start, because some rows may be claimed. */
const A_FEW = 16;

/**
 * The queues in which deliveries wait. The rows are the truth; this remembers where to look for them, so that a claim costs
 * the same whatever waits elsewhere, and deliveries that a connection holds back cost nothing. A wrong hint, as after a
 * transaction that was rolled back, costs one look.
 */
export class DeliveryQueues {
	private readonly sql: Statements;
	private readonly gates: DeliveryGates;
	private readonly lanes: DeliveryLanes;
	private readonly isFree: (row: WaitingDelivery) => boolean;
	private readonly queues = new Map<string, Queue>();

	constructor(
		sql: Statements,
		gates: DeliveryGates,
		lanes: DeliveryLanes,
		isFree: (row: WaitingDelivery) => boolean,
	) {
		this.sql = sql;
		this.gates = gates;
		this.lanes = lanes;
		this.isFree = isFree;
		this.look();
	}

	get all(): readonly Queue[] {
		return [...this.queues.values()];
	}

	/** Finds all queues and the first row of each. */
	look(): void {
		let found = nextDeliveryQueue(this.sql, { lane: '', priority: -1 });
		while (found) {
			this.expect(found.lane, found.priority, found.dueAt);
			found = nextDeliveryQueue(this.sql, found);
		}
	}

	/** A delivery is due at `due`. */
	expect(lane: string, priority: number, due: number): Queue {
		const key = `${priority} ${lane}`;
		const queue = this.queues.get(key) ?? { lane, priority, due, claimed: 0 };
		queue.due = Math.min(queue.due, due);
		this.queues.set(key, queue);
		return queue;
	}

	/** Claimed deliveries of a lane. */
	underWay(lane: string): number {
		return [...PRIORITIES.keys()].reduce(
			(sum, priority) => sum + (this.queues.get(`${priority} ${lane}`)?.claimed ?? 0),
			0,
		);
	}

	/** Rows of a queue that may start now. Reserves a start for the others. */
	candidates(
		queue: Queue,
		most: number,
		now: number,
		reserved: Map<string, Reserved>,
	): readonly WaitingDelivery[] {
		const { which } = this.lanes.opening(queue.lane, now);
		const last =
			which === 'due' ? [] : laneRows(this.sql, 'last', queue, now, most + queue.claimed);
		if (which === 'last') return last;
		const wanted = which === 'probe' ? 1 : most;
		const isFree = (row: WaitingDelivery): boolean => this.isFree(row) && !reserved.has(row.id);
		const { rows, isAll } = this.firstOf(queue, which, wanted, isFree);
		const free = rows.filter(isFree);
		const chosen: WaitingDelivery[] = [];
		// Later rows are due no earlier than the last of these.
		let next = isAll ? Infinity : (rows.at(-1)?.dueAt ?? Infinity);
		for (const row of free) {
			if (chosen.length >= wanted || row.dueAt > now) {
				next = row.dueAt;
				break;
			}
			const at = this.lanes.reserve(row, now);
			if (at === undefined) chosen.push(row);
			else reserved.set(row.id, { notificationId: row.notificationId, at });
		}
		const due = rows.reduce(
			(first, { id }) => Math.min(first, reserved.get(id)?.at ?? Infinity),
			next,
		);
		// The caller may not take all of `last` and `chosen`, so the hint must not move past them.
		queue.due = which === 'due' ? due : Math.min(due, queue.due);
		return [...last, ...chosen];
	}

	/** The first rows of a queue, under way or not, with `wanted` free ones among them if it has as many. */
	private firstOf(
		queue: Queue,
		which: Opening['which'],
		wanted: number,
		isFree: (row: WaitingDelivery) => boolean,
	): { rows: readonly WaitingDelivery[]; isAll: boolean } {
		const looksAtRecipients = this.gates.limitsRecipients(queue.lane);
		const most = queue.claimed + wanted + (looksAtRecipients ? LOOKED_AT : 0);
		// Rows due before the hint are under way, so a few rows after it are mostly enough. Where recipients have rates
		// of their own, more rows are read, to find a recipient who can be written to now.
		const few = which === 'due' && !looksAtRecipients ? Math.min(most, wanted + A_FEW) : most;
		const read = (from: number, limit: number): ReturnType<DeliveryQueues['firstOf']> => {
			const rows = laneRows(this.sql, 'waiting', queue, from, limit);
			return { rows, isAll: rows.length < limit };
		};
		if (few < most) {
			const found = read(queue.due, few);
			if (found.isAll || found.rows.filter(isFree).length >= wanted) return found;
		}
		return read(0, most);
	}

	/** Looks for the first due time of the free rows of a queue. */
	lookAgain(queue: Queue): void {
		const rows = laneRows(this.sql, 'waiting', queue, 0, queue.claimed + 1);
		queue.due = rows.find((row) => this.isFree(row))?.dueAt ?? Infinity;
	}
}
