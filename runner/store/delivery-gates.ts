import type { Opening } from '@sureping/engine';

/**
 * What the connections let through right now. A store asks while it claims, and counts what it gives out: what has to wait
 * stays on disk and takes nobody's place. Lanes are connections, as `slack:ops`. Times in milliseconds since 1970.
 */
export interface DeliveryGates {
	opening(lane: string, now: number): Opening;
	/** When more may start, of what has to wait for a rate, a pause or a probe; Infinity when only an attempt's end tells. */
	nextAt(lane: string, now: number): number;
	/** Whether `turnOf` has anything to say. */
	limitsRecipients(lane: string): boolean;
	/** Undefined: now. Otherwise when it is this recipient's turn, which is reserved from now on. */
	turnOf(lane: string, recipient: string, isCritical: boolean, now: number): number | undefined;
	start(lane: string, deliveryId: string, now: number): void;
	end(lane: string, deliveryId: string): void;
	/** How long what was due at `dueAt` was held back because the connection was down; milliseconds. */
	heldFor(lane: string, dueAt: number, now: number): number;
}

/** Lets everything through. */
export const OPEN_GATES: DeliveryGates = {
	opening: () => ({ room: Infinity, which: 'due' }),
	nextAt: () => 0,
	limitsRecipients: () => false,
	turnOf: () => undefined,
	start: () => undefined,
	end: () => undefined,
	heldFor: () => 0,
};
