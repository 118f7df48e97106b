import type { Upkeep } from '../../contract/upkeep.ts';
import { PRUNE_START } from '../../rules/pruning.ts';
import { probe } from '../db/probe.ts';
import type { Scope } from '../scope.ts';
import { alignAll } from '../webhooks/held.ts';
import { countBacklog } from './backlog.ts';
import { pruneStep } from './retention.ts';

export function createUpkeep(scope: Scope): Upkeep {
	const { database } = scope;
	let pruned = PRUNE_START;
	return {
		async prune(now, retention) {
			if (pruned === PRUNE_START) await alignAll(scope);
			const next = await pruneStep({ database, now, retention }, pruned);
			pruned = next ?? PRUNE_START;
			return next !== undefined;
		},
		backlog: () => countBacklog(database),
		probe: () => probe(database),
	};
}
