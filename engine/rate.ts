/** `perS` attempts a second in the long run, of which `burst` may come at once. */
export interface Rate {
	readonly perS: number;
	readonly burst: number;
}

/**
 * A token bucket's whole state: when it will be full again (milliseconds since 1970; the generic cell rate algorithm of
 * ITU-T I.371). One number, so that a store can keep it as easily as memory can.
 */
export type FullAt = number;

/** How many may start now. A clock that was set back finds the bucket empty at worst. */
export function roomIn({ perS, burst }: Rate, fullAt: FullAt, now: number): number {
	const used = Math.max(0, ((fullAt - now) * perS) / 1000);
	// Times are whole milliseconds; what is missing by rounding alone does not count.
	return Math.max(0, Math.floor(burst - used + 1e-6));
}

/** When one may start. */
export function freeAt({ perS, burst }: Rate, fullAt: FullAt): number {
	return Math.ceil(fullAt - ((burst - 1) * 1000) / perS - 1e-6);
}

/** After one more has started at `now`, or will start when it is free: a turn can be reserved. */
export function taken({ perS }: Rate, fullAt: FullAt, now: number): FullAt {
	return Math.max(fullAt, now) + 1000 / perS;
}

/** The state without what a clock that was set back would make of it: an endless wait. */
export function withinReach({ perS, burst }: Rate, fullAt: FullAt, now: number): FullAt {
	return Math.min(fullAt, now + (burst * 1000) / perS);
}
