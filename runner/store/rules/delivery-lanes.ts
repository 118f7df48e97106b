import type { Opening } from '@sureping/engine';
import type { DeliveryGates } from '../contract/limits.ts';
import { PRIORITIES, type WaitingDelivery } from '../rows/delivery.ts';
import { FairShares, type Pass, type Queue } from './fair-shares.ts';

const CRITICAL = PRIORITIES.indexOf('critical');

/** Rows taken beyond those that may start, to find recipients who can be written to now. */
export const LOOKED_AT = 256;

/** The lane of deliveries that wait for a report, which no limit holds back. */
const NO_LIMITS: Opening = { room: Infinity, which: 'due' };

/**
 * Decides how much of each queue of deliveries a claim may take: by the limits of the connection, and by the fair shares of
 * the room for attempts. A lane is a connection, such as `slack:ops`; '' is the lane of the waits for reports.
 */
export class DeliveryLanes {
	private readonly gates: DeliveryGates;
	private readonly shares = new FairShares();

	constructor(gates: DeliveryGates) {
		this.gates = gates;
	}

	/** Begins a claim; `queues` are all that there are. */
	begin(queues: Iterable<Queue>, now: number): void {
		this.shares.begin(queues, now);
	}

	opening(lane: string, now: number): Opening {
		return lane === '' ? NO_LIMITS : this.gates.opening(lane, now);
	}

	/** True when something of the queue may start: it is due, or its lane lets a probe or a last attempt through. */
	isReady({ lane, due }: Queue, now: number): boolean {
		return due <= now || this.opening(lane, now).which !== 'due';
	}

	/** Deliveries of the queue that may start in this pass. `free`: attempts that may start through all lanes together. */
	roomFor(queue: Queue, pass: Pass, free: number, underWay: number, now: number): number {
		if (queue.lane === '') return free;
		const { room, which } = this.opening(queue.lane, now);
		return this.shares.roomFor(queue, pass, { free, underWay, room, isDown: which !== 'due' });
	}

	/**
	 * Start time that the recipient's limit allows a delivery; undefined means now. Reserves that time once: a delivery
	 * that has waited for it does not ask again.
	 */
	reserve(
		{ lane, priority, recipient, reservedFor }: WaitingDelivery,
		now: number,
	): number | undefined {
		if (lane === '' || reservedFor !== undefined) return undefined;
		return this.gates.reserve(lane, recipient, priority === CRITICAL, now);
	}

	/** The key under which the gates remember the recipient of a delivery. */
	recipientKey({ recipient, priority }: WaitingDelivery): string {
		return this.gates.recipientKey(recipient, priority === CRITICAL);
	}

	/** Counts an attempt that starts. */
	start({ lane, id, priority }: WaitingDelivery, now: number): void {
		this.gates.start(lane, id, now);
		this.shares.started(lane, priority);
	}

	/**
	 * Time of the next look at a queue with something due at `due`; undefined while that depends on the end of an
	 * attempt.
	 */
	nextAt({ lane, due }: Queue, underWay: number, time: number): number | undefined {
		const at = Math.max(due, lane === '' ? 0 : this.gates.nextAt(lane, time));
		if (at > time) return at;
		return underWay > 0 ? undefined : time + 1;
	}

	/**
	 * True when a delivery of the lane may have to end before the lane opens, because its last attempt would be too
	 * late.
	 */
	mayEndShut(lane: string, now: number): boolean {
		const { which, tooLate } = this.opening(lane, now);
		return which !== 'due' || tooLate !== undefined;
	}
}
