import {
	type ConnectionState,
	FRESH,
	type FullAt,
	type News,
	type Opening,
} from '@sureping/engine';

/**
 * What the connections let through right now. A store asks while it claims, and counts what it gives out: what has to wait
 * stays on disk and takes nobody's place. Lanes are connections, as `slack:ops`. Times in milliseconds since 1970.
 */
export interface DeliveryGates extends SharedGates {
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

/** A connection as the processes that use it know it. */
export interface SharedConnection {
	/** How many failures in a row each process saw is its own. */
	readonly state: ConnectionState;
	/** One of them has let out the delivery that is to show whether the service is back. */
	readonly isProbed: boolean;
}

export interface ConnectionNews extends News {
	/** A probe has ended. */
	readonly probe: boolean;
}

/** What a store needs that keeps the connections' state for several processes. */
export interface SharedGates {
	/** Attempts start one process after the other, each knowing what those before it started: it has a rate, or is down. */
	takesTurns(lane: string): boolean;
	/** The lanes of which the other processes are to be told something. */
	news(): readonly string[];
	/** What they all know replaces what was known here, but for the news; `isProbed`: by another process. */
	adopt(lane: string, shared: SharedConnection): void;
	/** What they are to know now, which is news no longer; `isProbed`: by this process. */
	share(lane: string): SharedConnection & { readonly news: ConnectionNews };
	/** They did not come to know it. */
	tell(lane: string, news: ConnectionNews): void;
	/** Under which name `turnOf` remembers a recipient. */
	turnKey(recipient: string, isCritical: boolean): string;
	adoptTurns(lane: string, turns: ReadonlyMap<string, FullAt>): void;
	turns(lane: string): ReadonlyMap<string, FullAt>;
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
	takesTurns: () => false,
	news: () => [],
	adopt: () => undefined,
	share: () => ({
		state: FRESH,
		isProbed: false,
		news: { pause: false, breaker: false, probe: false },
	}),
	tell: () => undefined,
	turnKey: (recipient) => recipient,
	adoptTurns: () => undefined,
	turns: () => new Map(),
};
