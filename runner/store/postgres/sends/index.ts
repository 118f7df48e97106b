import type { Acceptance, AcceptResult, Sends } from '../../contract/sends.ts';
import { publish } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { acceptAll, publicationsOf } from './accept.ts';
import { findAnswer } from './idempotency.ts';
import { quotaUse } from './quotas.ts';

export function createSends(scope: Scope): Sends {
	const { database, groups, signals } = scope;
	const accepting = groups.create<Acceptance, AcceptResult>((some) =>
		database.transaction(async (sql) => {
			const { results, accepted } = await acceptAll(sql, some);
			await publish(sql, accepted.flatMap(publicationsOf), scope);
			return results;
		}),
	);
	return {
		async accept(acceptance) {
			const result = await accepting.add(acceptance);
			signals.wakeOthers();
			return result;
		},
		earlierAnswer: (apiKey, idempotency, now) => findAnswer(database, apiKey, idempotency, now),
		quotaUse: (periods) => quotaUse(database, periods),
	};
}
