import type { NewId } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { DeliveryGates } from './contract/limits.ts';
import { isPostgres } from './postgres/db/url.ts';
import type { AboutRules } from './rows/event.ts';
import { PostgresStore } from './postgres/index.ts';
import { connectionReason, isRefusal } from './postgres/db/connection-errors.ts';
import { BossWakeups } from './postgres/db/wakeups.ts';
import { SqliteStore } from './sqlite/index.ts';
import type { Store } from './contract/index.ts';
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
}

/** Opens the store that the configuration names. Rejects with a `StoreError` when it cannot be used. */
export async function openStore({
	store,
	file,
	newId,
	clock,
	log,
	gates,
	about,
}: OpenStoreOptions): Promise<Store> {
	if (store === undefined || !isPostgres(store)) {
		return new SqliteStore(file, { newId, now: clock.now, gates, about });
	}
	return await waitForDatabase({ clock, log }, async () => {
		try {
			return await PostgresStore.open({
				url: store,
				newId,
				now: clock.now,
				gates,
				about,
				wakeups: () => new BossWakeups(store, log),
			});
		} catch (err) {
			if (err instanceof StoreError) throw err;
			if (err instanceof StoreUnavailable && !isRefusal(err.cause)) throw err;
			throw new StoreError(`The database cannot be used: ${connectionReason(err)}`);
		}
	});
}
