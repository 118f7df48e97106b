import { PRIORITIES } from '../rows/delivery.ts';

const CRITICAL = PRIORITIES.indexOf('critical');
const NORMAL = PRIORITIES.indexOf('normal');

/**
 * One in this many starts of a connection is for a normal delivery, where that has waited longer than the critical ones.
 */
const NORMAL_EVERY = 5;

/** Deliveries with one lane and one priority. */
export interface Queue {
	readonly lane: string;
	/** An index of `PRIORITIES`. */
	readonly priority: number;
	/** The first due time of those that are not claimed. */
	readonly due: number;
}

/** The room for a connection's attempts. */
interface Space {
	/** Attempts that may still start, through all connections. */
	readonly free: number;
	/** The connection's own attempts, of all priorities. */
	readonly underWay: number;
	/** Attempts that the connection's own limits let start. */
	readonly room: number;
	/** The connection is down: only a probe may start, or a delivery at the end of its policy. */
	readonly isDown: boolean;
}

/**
 * The part of the `free` room that a connection may take which has `underWay` attempts: as many normal ones may be under way
 * as stay free, and twice as many critical ones.
 */
export function shareOf(priority: number, free: number, underWay: number): number {
	return priority === CRITICAL
		? Math.ceil((2 * free - underWay) / 3)
		: Math.ceil((free - underWay) / 2);
}

/** A claim goes through the queues of one priority after the other. */
export interface Pass {
	readonly priority: number;
	/** Gives out only the starts that were reserved for normal deliveries and not used. */
	readonly isRest: boolean;
}

export const PASSES: readonly Pass[] = [
	{ priority: CRITICAL, isRest: false },
	{ priority: NORMAL, isRest: false },
	{ priority: CRITICAL, isRest: true },
];

/**
 * Shares the room for attempts between connections. A connection may have as many normal attempts under way as are still
 * free, and twice as many critical ones: so a connection that hangs leaves half of the room, or a third, to the others.
 * Within a connection critical deliveries go first, but one start in `NORMAL_EVERY` is left to a normal one that has waited
 * longer.
 */
export class FairShares {
	/** Critical starts by lane that no normal start has made up for yet. */
	private readonly ahead = new Map<string, number>();
	/** Starts of this claim that are left to normal deliveries, by lane. */
	private readonly left = new Map<string, number>();
	/** Lanes in which a normal delivery has waited longer than every critical one. */
	private overtaken: ReadonlySet<string> = new Set();

	/** Begins a claim; `queues` are all that there are. */
	begin(queues: Iterable<Queue>, now: number): void {
		const all = [...queues];
		const criticalDue = new Map(
			all.filter(({ priority }) => priority === CRITICAL).map(({ lane, due }) => [lane, due]),
		);
		this.overtaken = new Set(
			all
				.filter(({ lane, priority, due }) => {
					return priority === NORMAL && due <= now && due < (criticalDue.get(lane) ?? 0);
				})
				.map(({ lane }) => lane),
		);
		for (const [lane, ahead] of this.ahead) {
			// Reserved starts that were not used do not count. However many critical deliveries came, a normal one
			// waits for one more at most.
			const starts = ahead + (this.left.get(lane) ?? 0) * (NORMAL_EVERY - 1);
			this.ahead.set(lane, Math.min(NORMAL_EVERY - 1, Math.max(0, starts)));
		}
		this.left.clear();
	}

	/** Deliveries of a queue that may start. */
	roomFor({ lane }: Queue, { priority, isRest }: Pass, space: Space): number {
		const { free, underWay, room, isDown } = space;
		const left = this.left.get(lane) ?? 0;
		if (priority !== CRITICAL) {
			const share = shareOf(priority, free, underWay);
			return Math.min(room, free, Math.max(share, left));
		}
		const most = Math.min(room, shareOf(priority, free, underWay));
		if (isRest) return Math.min(most, left);
		if (isDown || !this.overtaken.has(lane)) return most;
		const some = Math.max(0, most - left);
		const ahead = this.ahead.get(lane) ?? 0;
		const normal = Math.max(0, Math.floor((ahead + some) / NORMAL_EVERY));
		this.left.set(lane, left + normal);
		this.ahead.set(lane, ahead - normal * (NORMAL_EVERY - 1));
		return some - normal;
	}

	/** Counts an attempt that starts. */
	started(lane: string, priority: number): void {
		const ahead = this.ahead.get(lane) ?? 0;
		const left = this.left.get(lane) ?? 0;
		if (priority === CRITICAL) this.ahead.set(lane, ahead + 1);
		else if (left > 0) this.left.set(lane, left - 1);
		else this.ahead.set(lane, Math.max(0, ahead - (NORMAL_EVERY - 1)));
	}
}
