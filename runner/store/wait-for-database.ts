import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import { StoreError, StoreUnavailable } from './contract/errors.ts';
import { MigrationStopped } from './migration.ts';
import { connectionReason } from './postgres/db/connection-errors.ts';

const TRIES = 30;
const PAUSE_MS = 2_000;

interface WaitOptions {
	readonly clock: Timers;
	readonly log: Logger;
	/** Ends the wait for a database that went away during its migration. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the first work on a store, and retries it for a minute while the database does not answer: it may start after the
 * runner. Rejects with a `StoreError` when the database cannot be used, and with `MigrationStopped` once `signal` is aborted
 * and the try under way, if any, has failed.
 */
export async function waitForDatabase<T>(
	{ clock, log, signal }: WaitOptions,
	work: () => Promise<T>,
): Promise<T> {
	const aborted = new Promise<void>((resolve) => {
		signal?.addEventListener('abort', () => resolve(), { once: true });
	});
	for (let tries = 1; ; tries++) {
		if (signal?.aborted) throw new MigrationStopped('The migration stopped without its database');
		try {
			return await work();
		} catch (err) {
			if (!(err instanceof StoreUnavailable)) throw err;
			if (!err.isPassing) throw new StoreError(err.message);
			const reason = connectionReason(err);
			if (tries === TRIES) throw new StoreError(`The database cannot be used: ${reason}`);
			log.warn({ reason, retry_in_ms: PAUSE_MS }, 'the database does not answer yet');
			await Promise.race([clock.sleep(PAUSE_MS), aborted]);
		}
	}
}
