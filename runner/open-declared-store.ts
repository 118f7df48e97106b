import type { NewId } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from './clock.ts';
import type { Config } from './config/config.ts';
import { reconcileEndpoints } from './reconcile-endpoints.ts';
import type { DeliveryGates } from './store/contract/limits.ts';
import type { Store } from './store/contract/index.ts';
import type { MigrationWatcher } from './store/migration.ts';
import { openStore } from './store/open.ts';
import { waitForDatabase } from './store/wait-for-database.ts';

export interface DeclaredStoreOptions {
	readonly config: Config;
	/** The SQLite file, unless the config names a PostgreSQL database. */
	readonly file: string;
	readonly newId: NewId;
	readonly clock: Timers;
	readonly log: Logger;
	readonly gates: DeliveryGates;
	/** Wraps the store for everything that uses it. */
	readonly around: ((store: Store) => Store) | undefined;
	/** Follows a migration that moves many rows. */
	readonly watcher: MigrationWatcher;
}

/**
 * Opens the store and makes its endpoints those that the config declares. Rejects with a `StoreError` when the database
 * cannot be used, and with `MigrationStopped` when the watcher ended its migration.
 */
export async function openDeclaredStore({
	config,
	file,
	newId,
	clock,
	log,
	gates,
	around = (store) => store,
	watcher,
}: DeclaredStoreOptions): Promise<Store> {
	const { store: address, about } = config;
	const shared = { newId, clock, log, gates, about, watcher };
	const store = around(await openStore({ store: address, file, ...shared }));
	const { remove: removed } = await waitForDatabase({ clock, log }, () =>
		store.endpoints.declare((stored) =>
			reconcileEndpoints(stored, config.endpoints, () => newId('ep'), clock.now()),
		),
	);
	for (const { name } of removed) {
		log.warn(
			{ endpoint: name },
			'an endpoint is no longer in the config; its pending webhooks are cancelled',
		);
	}
	return store;
}
