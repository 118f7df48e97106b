import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Store } from '../store/contract/index.ts';
import type { Retention } from '../store/contract/upkeep.ts';

export interface HousekeeperOptions {
	readonly store: Pick<Store, 'endpoints' | 'replays' | 'reports' | 'upkeep'>;
	readonly clock: Timers;
	readonly log: Logger;
	readonly retention: Retention;
	/** Called when a replay or a report may have made webhook deliveries due. */
	onWebhooks(): void;
}

export interface Housekeeper {
	/** A replay was started. */
	wake(): void;
	stop(): Promise<void>;
}

const EVERY_MS = 30_000;
/** Interval while a replay runs, whose next part follows when most of the one before is done. */
const REPLAYING_EVERY_MS = 250;
const PRUNE_EVERY_MS = 5 * 60_000;
const PRUNE_PAUSE_MS = 5;

/** Upkeep: replays, part by part, expired endpoints, reports that waited for their message, and retention. */
export function createHousekeeper({
	store,
	clock,
	log,
	retention,
	onWebhooks,
}: HousekeeperOptions): Housekeeper {
	let stopped = false;
	let working: Promise<void> | undefined;
	let again = false;
	let pruneAt = 0;
	let isReplaying = false;
	let timer: { cancel(): void } | undefined;

	const prune = async (): Promise<void> => {
		if (clock.now() < pruneAt) return;
		pruneAt = clock.now() + PRUNE_EVERY_MS;
		// One small step at a time, so that a send waits for one step at most.
		while (!stopped && (await store.upkeep.prune(clock.now(), retention))) {
			await clock.sleep(PRUNE_PAUSE_MS);
		}
		onWebhooks();
	};
	const duties: readonly (() => Promise<void>)[] = [
		() => store.endpoints.removeExpired(clock.now()),
		async () => {
			while (!stopped && (await store.reports.forwardDue())) onWebhooks();
			onWebhooks();
		},
		async () => {
			while (!stopped && (await store.replays.advance())) onWebhooks();
			isReplaying = await store.replays.isAnyRunning();
		},
		prune,
	];
	const work = async (): Promise<void> => {
		for (const duty of duties) {
			// A failed task does not stop the others.
			await duty().catch((err: unknown) => log.error({ err }, 'the housekeeper met an error'));
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
			else timer = clock.at(clock.now() + (isReplaying ? REPLAYING_EVERY_MS : EVERY_MS), wake);
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
