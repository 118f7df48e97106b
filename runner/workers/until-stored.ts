import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import { BrokenRow } from '../store/contract/errors.ts';

const PAUSES_MS = [100, 500, 2_000, 5_000, 10_000];

/**
 * Retries storing an outcome until it is stored: otherwise the attempt would be repeated, for as long as the disk is
 * full. Throws the last error when the runner stops, or when a retry cannot help.
 */
export async function untilStored<T>(
	clock: Timers,
	log: Logger,
	isStopping: () => boolean,
	store: () => Promise<T>,
	complaint = 'an outcome could not be stored yet',
): Promise<T> {
	for (let refusals = 0; ; refusals++) {
		try {
			return await store();
		} catch (err) {
			if (isStopping() || err instanceof BrokenRow) throw err;
			const pause = PAUSES_MS[Math.min(refusals, PAUSES_MS.length - 1)] ?? 0;
			log.error({ err, retry_in_ms: pause }, complaint);
			await clock.sleep(pause);
		}
	}
}
