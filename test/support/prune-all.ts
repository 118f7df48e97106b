import type { Store } from '../../runner/store/contract/index.ts';
import type { Retention } from '../../runner/store/contract/upkeep.ts';

const KEEP_ALL: Retention = {
	eventsMs: undefined,
	notificationsMs: undefined,
	webhookDeliveriesMs: undefined,
	reportsMs: undefined,
};

const MONTH_MS = 30 * 86_400_000;

/** Everything is kept for 30 days. */
export const MONTH: Retention = {
	eventsMs: MONTH_MS,
	notificationsMs: MONTH_MS,
	webhookDeliveriesMs: MONTH_MS,
	reportsMs: MONTH_MS,
};

/** Removes all that is to be removed at `now`; what `retention` does not name is kept. Resolves with the number of steps. */
export async function pruneAll(
	store: Store,
	now: number,
	retention: Partial<Retention> = {},
): Promise<number> {
	let steps = 1;
	while (await store.upkeep.prune(now, { ...KEEP_ALL, ...retention })) steps++;
	return steps;
}
