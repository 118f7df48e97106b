import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import { connectionReason } from './postgres/connection-errors.ts';
import { StoreError, StoreUnavailable } from './contract/errors.ts';

const TRIES = 30;
const PAUSE_MS = 2_000;

/**
 * What a runner asks of its store before it serves, for a minute: the database may start after the runner, or be away just
 * then. Rejects with a `StoreError` when it cannot be used.
 */
export async function whileStarting<T>(
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
