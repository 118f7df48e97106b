import type { NewId } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { DeliveryGates } from './contract/limits.ts';
import { isPostgres } from './postgres/db/url.ts';
import type { AboutRules } from './rows/event.ts';
import { type PostgresOptions, PostgresStore } from './postgres/index.ts';
import { connectionReason, isRefusal } from './postgres/db/connection-errors.ts';
import { BossWakeups } from './postgres/db/wakeups.ts';
import { SqliteStore } from './sqlite/index.ts';
import type { Store } from './contract/index.ts';
import { LoggedMigration } from './logged-migration.ts';
import { MigrationStopped, type MigrationWatcher } from './migration.ts';
import { StoreError, StoreUnavailable } from './contract/errors.ts';
import { waitForDatabase } from './wait-for-database.ts';

export interface OpenStoreOptions {
	/** The `store` of the configuration. */
	readonly store: string | undefined;
	/** The SQLite file, unless the store is a PostgreSQL database. */
	readonly file: string;
	readonly newId: NewId;
	readonly clock: Timers;
	readonly log: Logger;
	/** The limits of connections. */
	readonly gates: DeliveryGates;
	/** The parts of a notification's text that its events repeat. */
	readonly about: AboutRules;
	/** Follows a migration that moves many rows. */
	readonly watcher: MigrationWatcher;
}

/**
 * Opens the store that the configuration names, and logs how far a migration is. Rejects with a `StoreError` when the store
 * cannot be used, and with `MigrationStopped` when the watcher ended its migration.
 */
export async function openStore({
	store,
	file,
	newId,
	clock,
	log,
	gates,
	about,
	watcher,
}: OpenStoreOptions): Promise<Store> {
	const migration = new LoggedMigration(watcher, { log, now: clock.now });
	const shared = { newId, now: clock.now, gates, about };
	const opened =
		store === undefined || !isPostgres(store)
			? await waitForDatabase({ clock, log, signal: watcher.signal }, () =>
					SqliteStore.open(file, shared, migration),
				)
			: await waitForDatabase({ clock, log, signal: watcher.signal }, () =>
					openPostgres({
						...shared,
						url: store,
						watcher: migration,
						wakeups: () => new BossWakeups(store, log),
					}),
				);
	migration.ended();
	return opened;
}

async function openPostgres(options: PostgresOptions): Promise<Store> {
	try {
		return await PostgresStore.open(options);
	} catch (err) {
		if (err instanceof StoreError || err instanceof MigrationStopped) throw err;
		if (err instanceof StoreUnavailable && !isRefusal(err.cause)) throw err;
		throw new StoreError(`The database cannot be used: ${connectionReason(err)}`);
	}
}
