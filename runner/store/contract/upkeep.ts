/** Retention, backlog and health of the store. */
export interface Upkeep {
	/**
	 * Removes a part of the rows that have outlived their retention, except those that something pending needs; true
	 * while there is more.
	 */
	prune(now: number, retention: Retention): Promise<boolean>;
	/** Counts everything owed, for metrics and backpressure. */
	backlog(): Promise<Backlog>;
	/** Rejects when the store cannot write. */
	probe(): Promise<void>;
}

/** Time for which ended rows are kept, in milliseconds; undefined: for ever. */
export interface Retention {
	readonly eventsMs: number | undefined;
	readonly notificationsMs: number | undefined;
	readonly webhookDeliveriesMs: number | undefined;
	/** Webhook deliveries held for a disabled endpoint. */
	readonly heldMs?: number | undefined;
	readonly reportsMs: number | undefined;
	/** Incidents that are over, and those that nobody answered, from their last change on. */
	readonly incidentsMs?: number | undefined;
}

/** Counts of owed and of stuck work. Times in milliseconds since 1970. */
export interface Backlog {
	readonly deliveries: number;
	/** Acceptance of the oldest of them, reports aside, or its `send_at`, which may be in the future. */
	readonly deliveriesSince?: number | undefined;
	readonly webhooks: number;
	/** Creation time of the oldest of them. */
	readonly webhooksSince?: number | undefined;
	/** Webhook deliveries for disabled endpoints; counted up to `MOST_COUNTED`. */
	readonly held: number;
	/** Exhausted webhook deliveries; counted up to `MOST_COUNTED`. */
	readonly exhausted: number;
	readonly deadLetters: number;
}

/** Bounds a count of rows that may stay for weeks, since metrics are scraped often. */
export const MOST_COUNTED = 10_000;
