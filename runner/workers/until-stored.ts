import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';

const PAUSES_MS = [100, 500, 2_000, 5_000, 10_000];

/** Tries to store what already happened, again and again for a while: giving up means doing it twice. */
export async function untilStored<T>(
	clock: Timers,
	log: Logger,
	store: () => Promise<T>,
): Promise<T> {
	for (const pause of PAUSES_MS) {
		try {
			return await store();
		} catch (err) {
			log.error({ err, retry_in_ms: pause }, 'the store did not take an outcome');
			await clock.sleep(pause);
		}
	}
	return await store();
}
