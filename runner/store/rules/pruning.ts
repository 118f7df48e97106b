import type { NotificationStatus } from '@sureping/engine';
import type { Retention, Upkeep } from '../contract/upkeep.ts';
import type { StoredWebhookState } from '../contract/webhooks.ts';
import type { Row } from '../rows/columns.ts';

/** Webhook deliveries that have ended or are held, each state with an index of its own. */
export const PRUNED_WEBHOOKS = [
	'delivered',
	'exhausted',
	'cancelled',
	'held',
] as const satisfies readonly StoredWebhookState[];

/** Notifications that have ended. */
export const PRUNED_NOTIFICATIONS = [
	'delivered',
	'failed',
	'cancelled',
] as const satisfies readonly NotificationStatus[];

/** A row up to which a task of pruning has come; '' before the first. */
export type PrunePlace = string | number;

/** The progress of pruning: a task, and its place. */
export interface PruneState {
	readonly task: number;
	readonly after: PrunePlace;
}

export const PRUNE_START: PruneState = { task: 0, after: '' };

/** The time of a step of pruning, and the rules that apply then. */
export interface PruneTime {
	/** Milliseconds since 1970. */
	readonly now: number;
	readonly retention: Retention;
}

/**
 * Prunes one step at a time, each from where the one before it ended. `begin` runs before the first task, and `run` does a
 * step of a task from a place on.
 */
export function pruner<Task>(
	tasks: readonly Task[],
	begin: () => Promise<void>,
	run: (task: Task, time: PruneTime, after: PrunePlace) => Promise<PrunePlace | undefined>,
): Upkeep['prune'] {
	let state = PRUNE_START;
	return async (now, retention) => {
		if (state === PRUNE_START) await begin();
		const task = tasks[state.task];
		const place = task && (await run(task, { now, retention }, state.after));
		const next = nextStep(state, place, tasks.length);
		state = next ?? PRUNE_START;
		return next !== undefined;
	};
}

/** The step after one that left its task at `next`, or finished it (undefined). Undefined once all tasks are done. */
export function nextStep(
	{ task }: PruneState,
	next: PrunePlace | undefined,
	tasks: number,
): PruneState | undefined {
	if (next !== undefined) return { task, after: next };
	return task + 1 < tasks ? { task: task + 1, after: '' } : undefined;
}

/** The place of a task that removes every row it looks at: the same again while a step is full. */
export const again = (removed: number, step: number): PrunePlace | undefined =>
	removed === step ? '' : undefined;

/** The place of a task that passes over rows: after the last one while a step is full. */
export const afterLast = (
	rows: readonly Row[],
	column: 'id' | 'position',
	step: number,
): PrunePlace | undefined => {
	if (rows.length < step) return undefined;
	const place = rows.at(-1)?.[column];
	return column === 'id' ? String(place) : Number(place);
};

/**
 * The events of a step that are older than `cutoff`, and the positions of those among them that may go. `rows` are in the
 * order of the feed, with `position`, `created_at` and `is_free`.
 */
export function prunableEvents(
	rows: readonly Row[],
	cutoff: number,
): { readonly old: readonly Row[]; readonly free: readonly number[] } {
	const young = rows.findIndex(({ created_at }) => Number(created_at) >= cutoff);
	const old = young === -1 ? rows : rows.slice(0, young);
	return {
		old,
		free: old.filter(({ is_free }) => Boolean(is_free)).map(({ position }) => Number(position)),
	};
}
