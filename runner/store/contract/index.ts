import type { DeadLetters } from './dead-letters.ts';
import type { Deliveries } from './deliveries.ts';
import type { Endpoints } from './endpoints.ts';
import type { DirectoryEntries } from './directory-entries.ts';
import type { Feed } from './feed.ts';
import type { Incidents } from './incidents.ts';
import type { Leases } from './leases.ts';
import type { Notifications } from './notifications.ts';
import type { Replays } from './replays.ts';
import type { Reports } from './reports.ts';
import type { Secrets } from './secrets.ts';
import type { Sends } from './sends.ts';
import type { Upkeep } from './upkeep.ts';
import type { Webhooks } from './webhooks.ts';

/**
 * A runner's database, by subject. A promise that resolves means durable. One that rejects with a `StoreUnavailable`
 * means that nothing was stored (unless it `isUnknown`) and that a later try may succeed. Changes to one notification are
 * serialised. The rows are the truth: after a crash, what was due is due again.
 */
export interface Store {
	readonly sends: Sends;
	readonly deliveries: Deliveries;
	readonly webhooks: Webhooks;
	readonly endpoints: Endpoints;
	readonly feed: Feed;
	readonly notifications: Notifications;
	readonly replays: Replays;
	readonly reports: Reports;
	readonly deadLetters: DeadLetters;
	readonly directoryEntries: DirectoryEntries;
	readonly incidents: Incidents;
	readonly leases: Leases;
	readonly secrets: Secrets;
	readonly upkeep: Upkeep;
	/** Calls a worker within about a second of work that another process made due. */
	watch(watcher: Watcher): void;
	/** Waits for running work and closes. */
	close(): Promise<void>;
}

/** A worker's reaction to work that others made due. */
export interface Watcher {
	/** Deliveries, webhooks or incidents may be due. */
	due(): void;
	/** A replay is running. */
	replays(): void;
}
