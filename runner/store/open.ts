import type { NewId } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import { isPostgres } from './address.ts';
import { PostgresStore } from './postgres/index.ts';
import { BossWakeups } from './postgres/wakeups.ts';
import { SqliteStore } from './sqlite/index.ts';
import type { Store } from './store.ts';
import { StoreError } from './store-error.ts';
import { StoreUnavailable } from './unavailable.ts';

export interface OpenStoreOptions {
	/** The `store` of the configuration. */
	readonly store: string | undefined;
	/** The SQLite file, unless the store is a PostgreSQL database. */
	readonly file: string;
	readonly newId: NewId;
	readonly clock: Timers;
	readonly log: Logger;
}

/** A database may start after the runner that needs it. */
const TRIES = 30;
const PAUSE_MS = 2_000;

/** Opens the store that the configuration names. Rejects with a `StoreError` when it cannot be used. */
export async function openStore({
	store,
	file,
	newId,
	clock,
	log,
}: OpenStoreOptions): Promise<Store> {
	if (store === undefined || !isPostgres(store)) {
		return new SqliteStore(file, { newId, now: clock.now });
	}
	for (let tries = 1; ; tries++) {
		try {
			return await PostgresStore.open({
				url: store,
				newId,
				now: clock.now,
				wakeups: () => new BossWakeups(store, log),
			});
		} catch (err) {
			if (err instanceof StoreError) throw err;
			const reason = err instanceof Error ? err.message : 'unknown';
			if (!(err instanceof StoreUnavailable) || tries === TRIES) throw new StoreError(reason);
			log.warn({ reason, retry_in_ms: PAUSE_MS }, 'the database does not answer yet');
			await clock.sleep(PAUSE_MS);
		}
	}
}
