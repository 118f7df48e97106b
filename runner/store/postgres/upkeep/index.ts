import type { Upkeep } from '../../contract/upkeep.ts';
import { pruner } from '../../rules/pruning.ts';
import { probe } from '../db/probe.ts';
import type { Scope } from '../scope.ts';
import { alignAll } from '../webhooks/held.ts';
import { countBacklog } from './backlog.ts';
import { TASKS } from './retention.ts';

export function createUpkeep(scope: Scope): Upkeep {
	const { database } = scope;
	return {
		prune: pruner(
			TASKS,
			async () => {
				await alignAll(scope);
				scope.signals.becameDue();
			},
			(task, time, after) => task({ database, ...time }, after),
		),
		backlog: () => countBacklog(database),
		probe: () => probe(database),
	};
}
