import type { Sends } from '../../contract/sends.ts';
import type { Commits } from './commits.ts';
import type { Scope } from '../scope.ts';
import { findAnswer } from './idempotency.ts';
import { quotaUse } from './quotas.ts';

export function createSends({ database, signals }: Scope, commits: Commits): Sends {
	return {
		async accept(acceptance) {
			const result = await commits.accept(acceptance);
			signals.wakeOthers();
			return result;
		},
		earlierAnswer: (apiKey, idempotency, now) => findAnswer(database, apiKey, idempotency, now),
		quotaUse: (periods) => quotaUse(database, periods),
	};
}
