import type { Replays } from '../../contract/replays.ts';
import { LONG } from '../db/database.ts';
import { readEndpoint } from '../endpoints/rows.ts';
import type { Scope } from '../scope.ts';
import { cancelReplay, insertReplay, isReplaying, readReplay, stepReplay } from './rows.ts';

export function createReplays(scope: Scope): Replays {
	const { database, newId, now, signals } = scope;
	return {
		start: (request) =>
			database.transaction(async (sql) => {
				const endpoint = await readEndpoint(sql, request.endpointId);
				return endpoint && (await insertReplay(sql, request, endpoint, newId('rpl'), now()));
			}, LONG),
		get: (id) => readReplay(database, id),
		cancel: (id) => database.transaction((sql) => cancelReplay(sql, id)),
		async advance() {
			const isMore = await database.transaction((sql) => stepReplay(sql, scope), LONG);
			signals.becameDue();
			return isMore;
		},
		isAnyRunning: () => isReplaying(database),
	};
}
