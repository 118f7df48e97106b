/** `perS` attempts a second in the long run, of which `burst` may come at once. */
export interface Rate {
	readonly perS: number;
	readonly burst: number;
}

/**
 * A token bucket's whole state: the time at which it is full again (milliseconds since 1970; the generic cell rate
 * algorithm of ITU-T I.371). One number, so that a store can keep it as easily as memory can.
 */
export type FullAt = number;

/** Number of attempts that may start now. After the clock was set back the bucket is empty at worst. */
export function roomIn({ perS, burst }: Rate, fullAt: FullAt, now: number): number {
	const used = Math.max(0, ((fullAt - now) * perS) / 1000);
	// Times are whole milliseconds; a shortfall from rounding does not count.
	return Math.max(0, Math.floor(burst - used + 1e-6));
}

/** Earliest time at which one may start. */
export function freeAt({ perS, burst }: Rate, fullAt: FullAt): number {
	return Math.ceil(fullAt - ((burst - 1) * 1000) / perS - 1e-6);
}

/** The state after one more start, at `now` or at the next free time: a start can be reserved. */
export function taken({ perS }: Rate, fullAt: FullAt, now: number): FullAt {
	return Math.max(fullAt, now) + 1000 / perS;
}

/** The state with its wait limited, since a clock that was set back would make it endless. */
export function withinReach({ perS, burst }: Rate, fullAt: FullAt, now: number): FullAt {
	return Math.min(fullAt, now + (burst * 1000) / perS);
}
