import type { CrashPoint } from '../lives.ts';

/** What a life is started with. */
export interface LifeOrders {
	/** What it is called. */
	readonly life: string;
	/** How far its clock is ahead; milliseconds. */
	readonly shiftMs: number;
	/** It kills itself when it comes to this point for this time. */
	readonly point?: CrashPoint;
	readonly times?: number;
}

/** What it is told while it lives, a JSON line each on its standard input. */
export type Order = { readonly shiftMs: number } | { readonly disk: 'full' | 'free' };
