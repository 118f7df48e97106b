import {
	type ConnectionState,
	FRESH,
	type FullAt,
	type EndpointGate,
	type UnsharedChanges,
	type Opening,
} from '@sureping/engine';
import type { Endpoint } from './endpoints.ts';

/**
 * The limits of connections, which a store asks while it claims deliveries: deliveries that have to wait stay in the
 * database and take no room from others. A lane is a connection, such as `slack:ops`. Times in milliseconds since 1970.
 */
export interface DeliveryGates extends SharedConnections {
	opening(lane: string, now: number): Opening;
	/**
	 * Time at which more may start after a rate, a pause or a probe; Infinity when that depends on the end of an
	 * attempt.
	 */
	nextAt(lane: string, now: number): number;
	/** False where `reserve` always lets everything start now. */
	limitsRecipients(lane: string): boolean;
	/** Reserves the recipient's next start and returns its time; undefined means now. */
	reserve(lane: string, recipient: string, isCritical: boolean, now: number): number | undefined;
	start(lane: string, deliveryId: string, now: number): void;
	end(lane: string, deliveryId: string): void;
	/** Time since `dueAt` for which the connection was down; milliseconds. */
	heldFor(lane: string, dueAt: number, now: number): number;
}

/** A connection's state as all processes know it. */
export interface SharedConnection {
	/** Each process counts the failures in a row that it saw itself. */
	readonly state: ConnectionState;
	/** A process has started the probe that shows whether the service is back. */
	readonly isProbed: boolean;
}

export interface ConnectionNews extends UnsharedChanges {
	/** A probe has ended. */
	readonly probe: boolean;
}

/** The state of connections that several processes share through the database. */
export interface SharedConnections {
	/** Processes start attempts one after the other, each knowing what the others started: it has a rate, or is down. */
	isShared(lane: string): boolean;
	/** The lanes with something to share with the other processes. */
	news(): readonly string[];
	/** Replaces the known state, except for this process's own news; `isProbed`: by another process. */
	adopt(lane: string, shared: SharedConnection): void;
	/** Returns the news for the other processes, which are then no longer news; `isProbed`: by this process. */
	share(lane: string): SharedConnection & { readonly news: ConnectionNews };
	/** Adds news to share, such as those that could not be shared. */
	addNews(lane: string, news: ConnectionNews): void;
	/** The name under which `reserve` remembers a recipient. */
	recipientKey(recipient: string, isCritical: boolean): string;
	adoptRecipients(lane: string, recipients: ReadonlyMap<string, FullAt>): void;
	/** Time at which each recipient's limit is full again, by `recipientKey`. */
	recipients(lane: string): ReadonlyMap<string, FullAt>;
}

/** A gate without limits. */
export const OPEN_GATES: DeliveryGates = {
	opening: () => ({ room: Infinity, which: 'due' }),
	nextAt: () => 0,
	limitsRecipients: () => false,
	reserve: () => undefined,
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
	addNews: () => undefined,
	recipientKey: (recipient) => recipient,
	adoptRecipients: () => undefined,
	recipients: () => new Map(),
};

/** The rates and breakers of endpoints, which a store asks while it claims webhook deliveries. */
export interface EndpointGates {
	/** Undefined where nothing holds requests back. */
	of(endpoint: Endpoint): EndpointGate | undefined;
	/** A request to it starts now. */
	started(endpoint: Endpoint): void;
	/** All processes count its requests together: it has a rate, or is probed. */
	isShared(endpoint: Endpoint): boolean;
	/** Replaces the known state by the shared one. */
	adopt(endpoint: Endpoint, requests: EndpointRequests): void;
	/** The requests to share with the other processes. */
	share(endpoint: Endpoint): EndpointRequests;
}

/** The requests to an endpoint that hold others back. Milliseconds since 1970. */
export interface EndpointRequests {
	/** Start times of those that its rate still counts, oldest first. */
	readonly starts: readonly number[];
	/** Nothing is sent before this while its breaker is open. */
	readonly probeAt?: number | undefined;
}
