import type { CrashPoint } from '../lives.ts';

/** The start parameters of a life. */
export interface LifeOrders {
	/** Its name. */
	readonly life: string;
	/** How far its clock is ahead; milliseconds. */
	readonly shiftMs: number;
	/** It kills itself when it comes to this point for this time. */
	readonly point?: CrashPoint;
	readonly times?: number;
}

/** Orders to a running life, one JSON line each on its standard input. */
export type Order = { readonly shiftMs: number } | { readonly disk: 'full' | 'free' };
