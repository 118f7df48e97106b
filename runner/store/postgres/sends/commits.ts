import type { Notification, Transition } from '@sureping/engine';
import type { Acceptance, AcceptResult } from '../../contract/sends.ts';
import { carrying, type Load } from '../db/carried-load.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import { bothOf, type Transaction } from '../db/database.ts';
import { Changes } from '../notifications/changes.ts';
import type { Scope } from '../scope.ts';
import { acceptAll, publicationsOf } from './accept.ts';

interface Accepting {
	readonly acceptance: Acceptance;
	result?: AcceptResult | undefined;
}

interface Updating {
	readonly id: string;
	readonly step: (notification: Notification) => Transition;
	transition?: Transition | undefined;
}

type Change = Accepting | Updating;

/**
 * New notifications and the outcomes of attempts, which share their transactions: both end with the feed lock, so apart they
 * would wait for each other. Neither gets ahead of the other: what is accepted is worked off at the same pace.
 */
export class Commits {
	private readonly scope: Scope;
	private readonly group: GroupCommit<Change, undefined>;

	constructor(scope: Scope) {
		this.scope = scope;
		this.group = scope.groups.create<Change, undefined>(async (changes) => {
			await this.commit(changes);
			return changes.map(() => undefined);
		});
	}

	async accept(acceptance: Acceptance): Promise<AcceptResult> {
		const change: Accepting = { acceptance };
		await this.group.add(change);
		return resultOf(change.result);
	}

	async update(id: string, step: Updating['step']): Promise<Transition> {
		const change: Updating = { id, step };
		await this.group.add(change);
		return resultOf(change.transition);
	}

	private async commit(all: readonly Change[]): Promise<void> {
		const ended = await carrying(this.scope, (sql, load) => this.write(sql, all, load));
		for (const id of ended) this.scope.deliveryClaims.ended(id);
	}

	/** Writes the changes, and returns the deliveries whose attempts have ended. */
	private async write(
		sql: Transaction,
		all: readonly Change[],
		load: Load,
	): Promise<readonly string[]> {
		const accepting = all.filter((one) => 'acceptance' in one);
		const updating = all.filter((one) => 'step' in one);
		// Idempotency keys are locked first, then notifications, then quotas, and the feed last: always in this order.
		const [{ results, accepted }, changes] = await bothOf(
			acceptAll(
				sql,
				accepting.map(({ acceptance }) => acceptance),
				load,
			),
			Changes.lock(
				sql,
				this.scope,
				updating.map(({ id }) => id),
			),
		);
		accepting.forEach((one, i) => (one.result = results[i]));
		changes.publish(accepted.flatMap(publicationsOf));
		for (const one of updating) one.transition = changes.apply(one.id, one.step);
		await changes.write(sql, load, (id, { notification, events }) => {
			// The update that made the message known also returns the results of its reports.
			const one = updating.findLast((update) => update.id === id);
			if (!one?.transition) return;
			one.transition = { notification, events: [...one.transition.events, ...events] };
		});
		return changes.ended();
	}
}

function resultOf<T>(result: T | undefined): T {
	if (result === undefined) throw new Error('A change was committed without a result');
	return result;
}
