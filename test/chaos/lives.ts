import { between, draw } from './draw.ts';

const KINDS = ['accept', 'update', 'settle'] as const;
const PLACES = ['called', 'uncommitted', 'committed', 'told'] as const;

/** Those of incidents: one that opens, and one that takes a step or an answer. */
const INCIDENT_KINDS = ['open', 'change'] as const;

/** Kinds of commits of a runner: a send, a delivery's outcome, webhook deliveries' outcomes; and those of incidents. */
export type CommitKind = (typeof KINDS | typeof INCIDENT_KINDS)[number];
/**
 * Where it can die in doing so: before the store hears of it; when all is written but the commit; right after the
 * commit, before anybody knows; and when whoever asked was told.
 */
export type CrashPoint = `${CommitKind}:${(typeof PLACES)[number]}`;

export const CRASH_POINTS: readonly CrashPoint[] = PLACES.flatMap((place) =>
	KINDS.map((kind): CrashPoint => `${kind}:${place}`),
);
/** The points of a run with incidents. */
export const INCIDENT_POINTS: readonly CrashPoint[] = PLACES.flatMap((place) =>
	INCIDENT_KINDS.map((kind): CrashPoint => `${kind}:${place}`),
);
export type Death = 'at a moment' | 'while starting' | CrashPoint;

/** The plan for one life of a runner. Times in milliseconds. */
export interface Life {
	readonly death: Death;
	/** The kill comes this long after the start (`while starting`) or after the runner was ready, unless its point came first. */
	readonly afterMs: number;
	/** It dies when it comes to its point for this time. */
	readonly times: number;
	/** How far the clock moves before it starts. */
	readonly jumpBeforeMs: number;
	/** The clock moves while it lives. */
	readonly jump?: { readonly afterMs: number; readonly byMs: number };
	readonly diskFull?: { readonly afterMs: number; readonly forMs: number };
}

/** A delivery that was due is due at once after a leap ahead, and has to wait for as long as the clock went back. */
const FARTHEST_AHEAD_MS = 600_000;
const FARTHEST_BACK_MS = 2_000;

/** The `number`-th life, from 1, of one of so many processes. */
export function planLife(
	seed: string,
	slot: number,
	number: number,
	processes: number,
	points: readonly CrashPoint[] = CRASH_POINTS,
): Life {
	const chance = (purpose: string): number => draw(seed, 'life', slot, number, purpose);
	const jump = (purpose: string): number =>
		chance(`${purpose} back`) < 0.5
			? -between(50, FARTHEST_BACK_MS, chance(purpose))
			: between(50, FARTHEST_AHEAD_MS, chance(purpose));
	// In turn, so that a run that is long enough has been to every point.
	const turn = Math.floor(number / 2) * processes + slot;
	const point = points[turn % points.length];
	const isAtPoint = number % 2 === 1 && point !== undefined;
	const isStarting = !isAtPoint && chance('starting') < 0.15;
	const isFull = number % 8 === 2;
	const isJumping = number % 6 === 4;
	// One of several lives longer, so that its work meets that of the others.
	return {
		death: isAtPoint ? point : isStarting ? 'while starting' : 'at a moment',
		afterMs: isStarting
			? between(20, 400, chance('moment'))
			: isAtPoint
				? 3_000 + 1_000 * (processes - 1)
				: between(100, 1_600, chance('moment')) * processes + (isFull ? 800 : 0),
		// Of several processes each comes to a point less often.
		times: between(1, Math.ceil(20 / processes), chance('times')),
		jumpBeforeMs: number % 5 === 3 ? jump('before') : 0,
		...(isJumping
			? { jump: { afterMs: between(100, 800, chance('jump at')), byMs: jump('jump') } }
			: {}),
		// Sometimes it dies with the disk still full.
		...(isFull
			? {
					diskFull: {
						afterMs: between(100, 300, chance('full at')),
						forMs: between(400, 1_500, chance('full for')),
					},
				}
			: {}),
	};
}
