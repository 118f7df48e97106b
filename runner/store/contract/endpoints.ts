import {
	type Acknowledgement,
	type EndpointHealth,
	healthyFrom,
	type RequestRate,
	type RetryPolicy,
	type Subscription,
} from '@sureping/engine';

/** Endpoints, of the config file and of the API. */
export interface Endpoints {
	all(): Promise<readonly Endpoint[]>;
	/**
	 * Changes any number of endpoints in one transaction, in time linear in their number. `plan` sees all stored endpoints
	 * and may be called twice; resolves with the plan that was carried out.
	 */
	declare(plan: (stored: readonly Endpoint[]) => EndpointPlan): Promise<EndpointPlan>;
	/** Undefined when another endpoint of the API has the same URL. */
	add(endpoint: Endpoint): Promise<Endpoint | undefined>;
	/** Changes the endpoint as it is now; its id and status stay. */
	change(id: string, change: (endpoint: Endpoint) => Endpoint): Promise<EndpointChange>;
	/** Its pending webhook deliveries are cancelled. */
	remove(id: string): Promise<void>;
	/**
	 * Holds or resumes the webhook deliveries of the endpoint, with an operational event. Enabling makes the held ones due
	 * at once and starts a new health record.
	 */
	setStatus(id: string, status: Endpoint['status']): Promise<void>;
	/** Removes the endpoints whose `expiresAt` has passed. */
	removeExpired(now: number): Promise<void>;
}

/** A URL that subscribes to delivery events. */
export interface Endpoint extends Subscription {
	readonly id: string;
	readonly name: string;
	readonly url: string;
	/** Absent where the profile signs nothing. */
	readonly secret?: string;
	/** Earlier secrets, which also sign until they expire, where the profile allows that; the newest first. */
	readonly previousSecrets?: readonly PreviousSecret[];
	/** No events were chosen: it has its profile's defaults as of its creation or last change. */
	readonly hasDefaultEvents?: boolean;
	/** Headers of every request; they may hold secrets. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly rateLimit?: RequestRate;
	/** Sends several events in one request. */
	readonly batch?: Batch;
	readonly ack: Acknowledgement;
	readonly policy: RetryPolicy;
	/** While disabled, its webhook deliveries are held until it is enabled. */
	readonly status: 'enabled' | 'disabled';
	/** Health as of its last stored change; absent until then. */
	readonly health?: EndpointHealth;
	/** Endpoints from the config file are the operator's: their URLs are trusted, and the API does not change them. */
	readonly source: 'config' | 'api';
	readonly createdAt: number;
	/** End of a temporary endpoint, such as an editor's test; it is removed then. */
	readonly expiresAt?: number;
}

export interface PreviousSecret {
	readonly secret: string;
	readonly until: number;
}

/** A request carries up to `maxEvents`, or those of the last `maxWaitMs`, whichever comes first. */
export interface Batch {
	readonly maxEvents: number;
	readonly maxWaitMs: number;
}

/** The stored health of an endpoint; healthy since its creation where its row has none. */
export function healthOf({ health, createdAt }: Endpoint): EndpointHealth {
	return health ?? healthyFrom(createdAt);
}

/** `taken`: another endpoint has the URL. */
export type EndpointChange =
	| { readonly result: 'changed'; readonly endpoint: Endpoint }
	| { readonly result: 'taken' | 'gone' };

/** A change of the endpoints of the config file. */
export interface EndpointPlan {
	/** New, or stored with other settings; written as they are, status and health included. */
	readonly write: readonly Endpoint[];
	/** Their pending webhook deliveries are cancelled. */
	readonly remove: readonly Endpoint[];
}
