import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Store } from '../store/store.ts';

export interface HousekeeperOptions {
	readonly store: Store;
	readonly clock: Timers;
	readonly log: Logger;
	/** Called when a replay or a report may have made webhooks due. */
	onWebhooks(): void;
}

export interface Housekeeper {
	/** A replay was started. */
	wake(): void;
	stop(): Promise<void>;
}

const EVERY_MS = 30_000;

/** Replays, part by part between everything else, endpoints whose time is over, and reports that waited for their message. */
export function createHousekeeper({
	store,
	clock,
	log,
	onWebhooks,
}: HousekeeperOptions): Housekeeper {
	let stopped = false;
	let working: Promise<void> | undefined;
	let again = false;
	let timer: { cancel(): void } | undefined;

	const passOnReports = async (): Promise<void> => {
		let isMore = true;
		while (!stopped && isMore) {
			isMore = await store.forwardDueReports();
			onWebhooks();
		}
	};
	const work = async (): Promise<void> => {
		try {
			await store.removeExpiredEndpoints(clock.now());
			await store.prune(clock.now());
			await passOnReports();
			while (!stopped && (await store.continueReplays())) onWebhooks();
		} catch (err) {
			log.error({ err }, 'housekeeping went wrong');
		}
	};
	const wake = (): void => {
		if (stopped) return;
		again = working !== undefined;
		working ??= work().finally(() => {
			working = undefined;
			timer?.cancel();
			if (stopped) return;
			if (again) wake();
			else timer = clock.at(clock.now() + EVERY_MS, wake);
		});
	};
	return {
		wake,
		async stop() {
			stopped = true;
			timer?.cancel();
			await working;
		},
	};
}
