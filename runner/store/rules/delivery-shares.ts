import { PRIORITIES } from '../rows/delivery.ts';

const CRITICAL = PRIORITIES.indexOf('critical');
const NORMAL = PRIORITIES.indexOf('normal');

/** Of a connection's turns one in so many is for what is not critical, where that has waited longer. */
const NORMAL_EVERY = 5;

interface Queue {
	readonly lane: string;
	/** An index of `PRIORITIES`. */
	readonly priority: number;
	/** When the first of those is due that nobody works on. */
	readonly due: number;
}

/** What a connection may start. */
interface Space {
	/** Attempts that may still start, through all connections. */
	readonly free: number;
	/** Its own, of all priorities. */
	readonly underWay: number;
	/** What its own limits let start. */
	readonly room: number;
	/** It is down: what may start is a probe, or what is at the end of its policy. */
	readonly isDown: boolean;
}

/** One claim looks through the queues of one priority after the other. */
export interface Pass {
	readonly priority: number;
	/** Only turns are given out that were left to others, who did not take them. */
	readonly isRest: boolean;
}

export const PASSES: readonly Pass[] = [
	{ priority: CRITICAL, isRest: false },
	{ priority: NORMAL, isRest: false },
	{ priority: CRITICAL, isRest: true },
];

/**
 * How the room for attempts is shared. Of what is critical a connection may have twice as many under way as are still
 * free, of the rest as many: so one that hangs leaves a third of all, or half, for the others, and none is ever left
 * without. Among a connection's own, critical ones go first, but not for ever.
 */
export class DeliveryShares {
	/** By lane, the critical ones that started, less those that the turns of normal ones allow for. */
	private readonly ahead = new Map<string, number>();
	/** Turns of this claim that are left for normal ones, by lane. */
	private readonly left = new Map<string, number>();
	/** Lanes in which a normal one has waited longer than every critical one. */
	private overtaken: ReadonlySet<string> = new Set();

	/** A claim begins; these are all the queues. */
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
			// Turns that were left in vain were none. However long only critical ones came, the next normal one waits for one.
			const turns = ahead + (this.left.get(lane) ?? 0) * (NORMAL_EVERY - 1);
			this.ahead.set(lane, Math.min(NORMAL_EVERY - 1, Math.max(0, turns)));
		}
		this.left.clear();
	}

	/** How many of a queue may start. */
	roomFor({ lane }: Queue, { priority, isRest }: Pass, space: Space): number {
		const { free, underWay, room, isDown } = space;
		const left = this.left.get(lane) ?? 0;
		if (priority !== CRITICAL) {
			const share = Math.ceil((free - underWay) / 2);
			return Math.min(room, free, Math.max(share, left));
		}
		const most = Math.min(room, Math.ceil((2 * free - underWay) / 3));
		if (isRest) return Math.min(most, left);
		if (isDown || !this.overtaken.has(lane)) return most;
		const some = Math.max(0, most - left);
		const ahead = this.ahead.get(lane) ?? 0;
		const turns = Math.max(0, Math.floor((ahead + some) / NORMAL_EVERY));
		this.left.set(lane, left + turns);
		this.ahead.set(lane, ahead - turns * (NORMAL_EVERY - 1));
		return some - turns;
	}

	/** An attempt starts. */
	started(lane: string, priority: number): void {
		const ahead = this.ahead.get(lane) ?? 0;
		const left = this.left.get(lane) ?? 0;
		if (priority === CRITICAL) this.ahead.set(lane, ahead + 1);
		else if (left > 0) this.left.set(lane, left - 1);
		else this.ahead.set(lane, Math.max(0, ahead - (NORMAL_EVERY - 1)));
	}
}
