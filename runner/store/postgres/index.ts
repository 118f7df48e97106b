import type { NewId } from '@sureping/engine';
import type { Store, Watcher } from '../contract/index.ts';
import { type MigrationWatcher, UNWATCHED } from '../migration.ts';
import { type DeliveryGates, OPEN_GATES } from '../contract/limits.ts';
import { type AboutRules, TELLS_ALL } from '../rows/event.ts';
import { Commits } from './sends/commits.ts';
import { Database } from './db/database.ts';
import { GroupCommits } from './db/group-commit.ts';
import { Leases } from './db/leases.ts';
import { migrate } from './db/migrate.ts';
import { SharedConnectionLimits } from './db/shared-connection-limits.ts';
import { SharedEndpointLimits } from './db/shared-endpoint-limits.ts';
import type { Wakeups } from './db/wakeups.ts';
import { WorkSignals } from './db/work-signals.ts';
import { createDeadLetters } from './dead-letters.ts';
import { DeliveryClaims } from './deliveries/claims.ts';
import { createDeliveries } from './deliveries/index.ts';
import { createDirectoryEntries } from './directory-entries/index.ts';
import { createEndpoints } from './endpoints/index.ts';
import { KnownEndpoints } from './endpoints/known.ts';
import { createFeed } from './feed/index.ts';
import { createIncidents } from './incidents/index.ts';
import { createLeases } from './leases.ts';
import { createNotifications } from './notifications/index.ts';
import { createReplays } from './replays/index.ts';
import { createReports } from './reports/index.ts';
import type { Scope } from './scope.ts';
import { createSecrets } from './secrets.ts';
import { createSends } from './sends/index.ts';
import { createUpkeep } from './upkeep/index.ts';
import { WebhookClaims } from './webhooks/claims.ts';
import { createWebhooks } from './webhooks/index.ts';

export interface PostgresOptions {
	/** `postgres://user:password@host/database`; anything that libpq takes after a `?` as far as `pg` knows it. */
	readonly url: string;
	readonly newId: NewId;
	now(): number;
	/** The limits of connections; everything passes unless given. */
	readonly gates?: DeliveryGates;
	/** The parts of a notification's text that its events repeat; all of it unless given. */
	readonly about?: AboutRules;
	/** Connections of this process. */
	readonly connections?: number;
	/** Called when the database is ready. Without it, workers look every second for work that others made due. */
	wakeups?(): Wakeups;
	/** Follows a migration that moves many rows. */
	readonly watcher?: MigrationWatcher;
	/** The time that all processes share, in milliseconds since 1970; the server's unless given. */
	sharedNow?(): number;
}

/** Enough for every kind of group and for the reads meanwhile. */
const CONNECTIONS = 10;

/**
 * The store of several processes: a PostgreSQL database. Everything that a process knows in memory is a hint, or a claim
 * that ends with the process; the rows are the truth.
 */
export class PostgresStore implements Store {
	readonly sends: Store['sends'];
	readonly deliveries: Store['deliveries'];
	readonly webhooks: Store['webhooks'];
	readonly endpoints: Store['endpoints'];
	readonly feed: Store['feed'];
	readonly notifications: Store['notifications'];
	readonly replays: Store['replays'];
	readonly reports: Store['reports'];
	readonly deadLetters: Store['deadLetters'];
	readonly directoryEntries: Store['directoryEntries'];
	readonly incidents: Store['incidents'];
	readonly secrets: Store['secrets'];
	readonly leases: Store['leases'];
	readonly upkeep: Store['upkeep'];
	private readonly scope: Scope;

	private constructor(database: Database, options: PostgresOptions) {
		const { url, newId, now, gates = OPEN_GATES, about = TELLS_ALL, sharedNow } = options;
		const leases = new Leases(database, url);
		const shared = { database, owner: leases.owner, now, sharedNow };
		const connectionLimits = new SharedConnectionLimits({ ...shared, gates });
		const endpointLimits = new SharedEndpointLimits(shared);
		const signals = new WorkSignals(database, options.wakeups?.());
		const scope: Scope = {
			database,
			groups: new GroupCommits(),
			leases,
			signals,
			newId,
			now,
			about,
			endpoints: new KnownEndpoints(),
			connectionLimits,
			deliveryClaims: new DeliveryClaims({
				database,
				leases,
				gates,
				now,
				limits: connectionLimits,
				signals,
			}),
			webhookClaims: new WebhookClaims({
				database,
				leases,
				limits: endpointLimits,
				rules: about,
				signals,
			}),
		};
		this.scope = scope;
		const commits = new Commits(scope);
		this.sends = createSends(scope, commits);
		this.deliveries = createDeliveries(scope, commits);
		this.webhooks = createWebhooks(scope);
		this.endpoints = createEndpoints(scope);
		this.feed = createFeed(scope);
		this.notifications = createNotifications(scope);
		this.replays = createReplays(scope);
		this.reports = createReports(scope);
		this.deadLetters = createDeadLetters(scope);
		this.directoryEntries = createDirectoryEntries(scope);
		this.secrets = createSecrets(scope);
		this.incidents = createIncidents(scope);
		this.leases = createLeases(scope, () => sharedNow?.() ?? null);
		this.upkeep = createUpkeep(scope);
	}

	/** Connects and brings the schema up to date. Rejects with `StoreUnavailable` while the server does not answer. */
	static async open(options: PostgresOptions): Promise<PostgresStore> {
		const database = new Database(options.url, options.connections ?? CONNECTIONS);
		try {
			await migrate(database, { watcher: options.watcher ?? UNWATCHED });
			const store = new PostgresStore(database, options);
			if (options.gates) store.scope.connectionLimits.start();
			return store;
		} catch (error) {
			await database.close();
			throw error;
		}
	}

	watch(watcher: Watcher): void {
		this.scope.signals.watch(watcher);
	}

	async close(): Promise<void> {
		const { database, groups, leases, signals, connectionLimits } = this.scope;
		signals.unwatch();
		connectionLimits.stop();
		await groups.end();
		// A database that is away gets its claims back when their lease is over.
		await leases.end().catch(() => undefined);
		await signals.stop();
		await database.close();
	}
}
