import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import { StoreError, StoreUnavailable } from './contract/errors.ts';
import { connectionReason } from './postgres/db/connection-errors.ts';

const TRIES = 30;
const PAUSE_MS = 2_000;

/**
 * Runs the first work on a store, and retries it for a minute while the database does not answer: it may start after the
 * runner. Rejects with a `StoreError` when the database cannot be used.
 */
export async function waitForDatabase<T>(
	{ clock, log }: { readonly clock: Timers; readonly log: Logger },
	work: () => Promise<T>,
): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await work();
		} catch (err) {
			if (!(err instanceof StoreUnavailable)) throw err;
			if (!err.isPassing) throw new StoreError(err.message);
			const reason = connectionReason(err);
			if (tries === TRIES) throw new StoreError(`The database cannot be used: ${reason}`);
			log.warn({ reason, retry_in_ms: PAUSE_MS }, 'the database does not answer yet');
			await clock.sleep(PAUSE_MS);
		}
	}
}
