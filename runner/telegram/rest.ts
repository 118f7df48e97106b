import type { Timers } from '../clock.ts';

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
export function rest(ms: number, clock: Timers, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const end = (): void => {
			timer.cancel();
			signal.removeEventListener('abort', end);
			resolve();
		};
		const timer = clock.at(clock.now() + ms, end);
		signal.addEventListener('abort', end);
	});
}
