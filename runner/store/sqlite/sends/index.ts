import type { Sends } from '../../contract/sends.ts';
import type { Scope } from '../scope.ts';
import { accept } from './accept.ts';
import { findAnswer } from './idempotency.ts';
import { quotaUsed } from './quotas.ts';

export function createSends(scope: Scope): Sends {
	const { sql, commits } = scope;
	return {
		accept: (acceptance) => commits.run(() => accept(scope, acceptance)),
		// An answer that was given before is given again only once the disk has it.
		earlierAnswer: (apiKey, idempotency, now) =>
			commits.run(() => findAnswer(sql, apiKey, idempotency, now)),
		quotaUse: async (periods) => periods.map(({ apiKey, start }) => quotaUsed(sql, apiKey, start)),
	};
}
