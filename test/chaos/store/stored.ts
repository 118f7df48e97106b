import type { DeliveryState, Incident, NotificationStatus } from '@sureping/engine';

/** The content of a store when a run has ended, read beside the runner, in the same words for every store. */
export interface Stored {
	readonly notifications: readonly StoredNotification[];
	readonly deliveries: readonly StoredDelivery[];
	/** In the order of the feed. */
	readonly events: readonly StoredEvent[];
	readonly webhooks: readonly StoredWebhook[];
	/** Faults that the database reports about itself. */
	readonly damage: readonly string[];
}

/** The part of it that a run with incidents is judged by. */
export interface StoredIncidents {
	readonly incidents: readonly Incident[];
	/** Events of incidents, in the order of the feed. */
	readonly events: readonly {
		readonly id: string;
		readonly incidentId: string;
		readonly sequence: number;
	}[];
	readonly damage: readonly string[];
}

export interface StoredNotification {
	readonly id: string;
	/** The number that its metadata carries. */
	readonly n: number;
	readonly status: NotificationStatus;
	readonly createdAt: number;
	readonly sendAt?: number;
	readonly fallbacksLeft: number;
	readonly hasCallback: boolean;
}

/** Times in milliseconds since 1970 by the runner's clock. */
export interface StoredAttempt {
	readonly at: number;
	readonly latencyMs: number;
	readonly error?: { readonly code: string };
}

export interface StoredDelivery {
	readonly id: string;
	readonly notificationId: string;
	readonly role: 'primary' | 'fallback';
	/** `webhook:main`. */
	readonly connection: string;
	readonly state: DeliveryState;
	readonly attempts: readonly StoredAttempt[];
	readonly mostAttempts: number;
	readonly sequence: number;
	readonly isDue: boolean;
}

export interface StoredEvent {
	readonly id: string;
	readonly type: string;
	readonly deliveryId: string;
	readonly sequence: number;
	/** Of `notification.retrying`: which attempt failed, and when the next may start. */
	readonly attempt?: number;
	readonly nextRetryAt?: number;
}

export interface StoredWebhook {
	readonly id: string;
	readonly eventId: string;
	/** The endpoint's name, or `callback`. */
	readonly to: string;
	readonly state: string;
	readonly attempts: readonly StoredAttempt[];
	readonly isDue: boolean;
}

/** A store as the run's own processes see it: from outside, and only reading. */
export interface StoreReader {
	/** Counts the deliveries and webhook deliveries that are owed, and the incidents with something to do. */
	backlog(): Promise<number>;
	read(): Promise<Stored>;
	readIncidents(): Promise<StoredIncidents>;
}
