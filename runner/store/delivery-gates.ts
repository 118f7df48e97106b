import {
	type ConnectionState,
	FRESH,
	type FullAt,
	type News,
	type Opening,
} from '@sureping/engine';

/**
 * Decides how many attempts each connection lets start now. A store asks while it claims and reports each start, so that
 * deliveries which must wait stay in the database and take no room from others. A lane is a connection, such as
 * `slack:ops`. Times are milliseconds since 1970.
 */
export interface DeliveryGates extends SharedGates {
	opening(lane: string, now: number): Opening;
	/** When a rate, a pause or a probe lets more start; Infinity when that depends on the end of an attempt. */
	nextAt(lane: string, now: number): number;
	/** True if the connection limits how often it writes to one recipient; otherwise `slotOf` is never needed. */
	limitsRecipients(lane: string): boolean;
	/** Undefined if the recipient may be written to now; otherwise reserves the next slot and returns its time. */
	slotOf(lane: string, recipient: string, isCritical: boolean, now: number): number | undefined;
	start(lane: string, deliveryId: string, now: number): void;
	end(lane: string, deliveryId: string): void;
	/** Milliseconds for which a delivery due at `dueAt` was held back because the connection was down. */
	heldFor(lane: string, dueAt: number, now: number): number;
}

/** The state of a connection that all processes using it share. */
export interface SharedConnection {
	/** Each process keeps its own count of failures in a row. */
	readonly state: ConnectionState;
	/** A process has sent the delivery that probes whether the service is back. */
	readonly isProbed: boolean;
}

export interface ConnectionNews extends News {
	/** A probe has ended. */
	readonly probe: boolean;
}

/** What a store needs to share the state of connections between processes. */
export interface SharedGates {
	/** Its limits are shared: it has a rate or is down, so processes start attempts one after the other. */
	isShared(lane: string): boolean;
	/** Lanes with news that the other processes do not know yet. */
	news(): readonly string[];
	/** Takes over the shared state, keeping local news. `isProbed`: by another process. */
	adopt(lane: string, shared: SharedConnection): void;
	/** Hands over the state to share; its news counts as shared from now on. `isProbed`: by this process. */
	share(lane: string): SharedConnection & { readonly news: ConnectionNews };
	/** Undoes `share` when the state could not be stored. */
	restoreNews(lane: string, news: ConnectionNews): void;
	/** The key under which `slotOf` remembers a recipient. */
	slotKey(recipient: string, isCritical: boolean): string;
	adoptSlots(lane: string, slots: ReadonlyMap<string, FullAt>): void;
	slots(lane: string): ReadonlyMap<string, FullAt>;
}

/** Lets everything through. */
export const OPEN_GATES: DeliveryGates = {
	opening: () => ({ room: Infinity, which: 'due' }),
	nextAt: () => 0,
	limitsRecipients: () => false,
	slotOf: () => undefined,
	start: () => undefined,
	end: () => undefined,
	heldFor: () => 0,
	isShared: () => false,
	news: () => [],
	adopt: () => undefined,
	share: () => ({
		state: FRESH,
		isProbed: false,
		news: { pause: false, breaker: false, probe: false },
	}),
	restoreNews: () => undefined,
	slotKey: (recipient) => recipient,
	adoptSlots: () => undefined,
	slots: () => new Map(),
};
