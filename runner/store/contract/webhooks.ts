import type {
	EndpointHealth,
	OperationalEvent,
	WebhookDelivery,
	WebhookEvent,
} from '@sureping/engine';
import type { Endpoint } from './endpoints.ts';
import type { EndpointGates } from './limits.ts';
import type { Page, PageRequest } from './pages.ts';
import type { Acceptance, Callback } from './sends.ts';

/** Webhook deliveries: events on their way to endpoints and callbacks. */
export interface Webhooks {
	/**
	 * Takes up to `limit` requests' worth of due webhook deliveries, fairly between endpoints: an endpoint that hangs
	 * leaves room for the others. No other worker gets them until they are released. An endpoint behind a gate gets no more
	 * than the gate lets through.
	 */
	claim(now: number, limit: number, gates?: EndpointGates): Promise<readonly DueWebhooks[]>;
	/** Stores the outcomes of requests, each of which is one more attempt, and their review of the endpoint. */
	settle(deliveries: readonly WebhookDelivery[], review?: EndpointReview): Promise<void>;
	release(due: DueWebhooks): void;
	/** Start time of the first unclaimed webhook delivery, if that is after `time`. */
	nextAt(time: number, gates?: EndpointGates): Promise<number | undefined>;

	list(filter: WebhookFilter, page: PageRequest): Promise<Page<StoredWebhook>>;
	get(id: string): Promise<StoredWebhook | undefined>;
	/**
	 * Makes a pending or exhausted webhook delivery due now, or holds it while its endpoint is disabled. Resolves with
	 * its state, which is unchanged where a retry is not possible.
	 */
	retry(id: string): Promise<StoredWebhookState | undefined>;
	/** Ends the waits between attempts: everything owed to the endpoint is due now, the most often tried first. */
	hasten(endpointId: string): Promise<void>;
}

/** The rules of an endpoint apply, or for a callback those of its profile. */
export type WebhookTarget = { readonly endpoint: Endpoint } | { readonly callback: Callback };

/** A target of which, if it is an endpoint, only the id is known. */
export type NamedTarget =
	{ readonly endpoint: Pick<Endpoint, 'id'> } | { readonly callback: Callback };

/** The webhook deliveries of one request: one, or a batch in the order of its events. */
export interface DueWebhooks {
	readonly to: WebhookTarget;
	readonly deliveries: readonly {
		readonly delivery: WebhookDelivery;
		readonly event: WebhookEvent;
	}[];
}

/** A request's verdict on its endpoint. */
export interface EndpointReview {
	readonly endpointId: string;
	/**
	 * Stored only while the endpoint is enabled and its health still counts from the same `since`; otherwise the review is
	 * dropped.
	 */
	readonly health: EndpointHealth;
	/** Disables the endpoint and holds everything owed to it. */
	readonly disable: boolean;
	readonly events: readonly OperationalEvent[];
	/** Notifications of the operator. */
	readonly notices: readonly Acceptance[];
}

export const WEBHOOK_STATES = [
	'pending',
	'held',
	'delivered',
	'exhausted',
	'cancelled',
	/** The row cannot be read or encoded: see its dead letter. */
	'dead',
] as const;
export type StoredWebhookState = (typeof WEBHOOK_STATES)[number];

/** A webhook delivery as lists show it. */
export interface StoredWebhook {
	readonly id: string;
	readonly state: StoredWebhookState;
	readonly attempts: WebhookDelivery['attempts'];
	readonly dueAt?: number;
	readonly event: WebhookEvent;
	readonly endpointId?: string;
	readonly callbackUrl?: string;
}

export interface WebhookFilter {
	readonly state?: StoredWebhookState | undefined;
	readonly endpointId?: string | undefined;
}
