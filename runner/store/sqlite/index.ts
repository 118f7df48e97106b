import { realpathSync } from 'node:fs';
import type { NewId } from '@sureping/engine';
import type { Store } from '../contract/index.ts';
import type { MigrationWatcher } from '../migration.ts';
import { type DeliveryGates, OPEN_GATES } from '../contract/limits.ts';
import { type AboutRules, TELLS_ALL } from '../rows/event.ts';
import { Checkpoints } from './db/checkpoints.ts';
import { GroupCommit } from './db/group-commit.ts';
import { type OpenDatabase, openDatabase, openWatched } from './db/open.ts';
import { Reader } from './db/reader.ts';
import { Soundness } from './db/soundness.ts';
import { Statements } from './db/statements.ts';
import { type Disk, WalSync } from './db/wal-sync.ts';
import { BrokenRows, createDeadLetters } from './dead-letters.ts';
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
import { EventTimes } from './feed/times.ts';
import type { Scope } from './scope.ts';
import { createSecrets } from './secrets.ts';
import { createSends } from './sends/index.ts';
import { createUpkeep } from './upkeep/index.ts';
import { WebhookClaims } from './webhooks/claims.ts';
import { createWebhooks } from './webhooks/index.ts';
import { storeFresh, storeOwed } from './webhooks/stored.ts';

export interface SqliteOptions {
	readonly newId: NewId;
	now(): number;
	/** The limits of connections; everything passes unless given. */
	readonly gates?: DeliveryGates;
	/** The part of a notification's text that its events repeat; all of it unless given. */
	readonly about?: AboutRules;
	/** The wait for the disk; that for the log of the database unless given. */
	readonly disk?: Disk;
}

/** The embedded store: one SQLite file, one process, and every commit on disk before its caller hears of it. */
export class SqliteStore implements Store {
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
	private readonly database: OpenDatabase;
	private readonly scope: Scope;
	private readonly disk: Disk;
	private readonly checkpoints: Checkpoints;

	/** Throws a `StoreError` when the file cannot be used. Its rows are moved at once where a migration needs it. */
	constructor(file: string, options: SqliteOptions, database = openDatabase(file)) {
		const { newId, now, gates = OPEN_GATES, about = TELLS_ALL } = options;
		this.database = database;
		const soundness = new Soundness(file);
		const noticed = (error: unknown): unknown => soundness.noticed(error);
		const sql = new Statements(this.database.db, noticed);
		// From here on, `WalSync` waits for the disk in place of every commit.
		this.database.db.exec('PRAGMA synchronous = NORMAL');
		this.disk = options.disk ?? new WalSync(realpathSync(file));
		const commits = new GroupCommit(this.database.db, soundness, async () => {
			await this.disk.sync();
			this.checkpoints.look();
		});
		this.checkpoints = new Checkpoints(this.database.db, file, commits);
		const { newest, broken } = this.opened(() => storeOwed(sql));
		const scope: Scope = {
			sql,
			commits,
			reader: new Reader(file, {}, noticed),
			soundness,
			newId,
			now,
			about,
			endpoints: new KnownEndpoints(sql, commits),
			deliveryClaims: new DeliveryClaims(sql, commits, gates),
			webhookClaims: new WebhookClaims({ sql, commits, newId, about }, newest),
			eventTimes: new EventTimes(sql, commits),
		};
		const brokenRows = new BrokenRows(scope);
		void brokenRows.add('event', broken);
		this.scope = scope;
		this.sends = createSends(scope);
		this.deliveries = createDeliveries(scope, brokenRows);
		this.webhooks = createWebhooks(scope, brokenRows);
		this.endpoints = createEndpoints(scope);
		this.feed = createFeed(scope, brokenRows);
		this.notifications = createNotifications(scope);
		this.replays = createReplays(scope);
		this.reports = createReports(scope);
		this.deadLetters = createDeadLetters(scope);
		this.directoryEntries = createDirectoryEntries(scope);
		this.incidents = createIncidents(scope);
		this.secrets = createSecrets(scope);
		this.leases = createLeases(scope);
		this.upkeep = createUpkeep(scope);
	}

	/** Closes the file if the first work on it fails, so that it can be opened again. */
	private opened<T>(work: () => T): T {
		try {
			return work();
		} catch (error) {
			this.database.close();
			throw error;
		}
	}

	/**
	 * Opens a file whose migration may take long, and lets the event loop run meanwhile. Rejects with a `StoreError` when the
	 * file cannot be used, and as `MigrationWatcher` says.
	 */
	static async open(
		file: string,
		options: SqliteOptions,
		watcher: MigrationWatcher,
	): Promise<SqliteStore> {
		return new SqliteStore(file, options, await openWatched(file, watcher));
	}

	watch(): void {
		// One process owns the file, so there are no others.
	}

	async close(): Promise<void> {
		await this.checkpoints.close();
		const stored = storeFresh(this.scope).catch(() => undefined);
		this.scope.commits.flush();
		await stored;
		await this.scope.commits.synced();
		await this.disk.close();
		await this.scope.reader.close();
		this.database.close();
	}
}
