import type { Upkeep } from '../../contract/upkeep.ts';
import { pruner } from '../../rules/pruning.ts';
import { probe } from '../db/probe.ts';
import type { Scope } from '../scope.ts';
import { alignAll } from '../webhooks/held.ts';
import { countBacklog } from './backlog.ts';
import { TASKS } from './retention.ts';

export function createUpkeep(scope: Scope): Upkeep {
	const { sql, commits, reader, webhookClaims } = scope;
	return {
		prune: pruner(
			TASKS,
			() => alignAll(scope),
			(task, time, after) =>
				commits.run(() => {
					// An event whose webhook delivery has no row yet must not go.
					webhookClaims.store();
					return task({ sql, ...time }, after);
				}),
		),
		backlog: () => countBacklog(reader, webhookClaims),
		probe: () => probe(scope),
	};
}
