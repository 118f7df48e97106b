import type { Replays } from '../../contract/replays.ts';
import { readEndpoint } from '../endpoints/rows.ts';
import type { Scope } from '../scope.ts';
import { storeFresh } from '../webhooks/stored.ts';
import {
	cancelReplay,
	insertReplay,
	isReplaying,
	planReplay,
	readReplay,
	stepReplay,
} from './rows.ts';

export function createReplays(scope: Scope): Replays {
	const { sql, commits, reader, endpoints } = scope;
	return {
		async start(request) {
			const endpoint = endpoints.find(request.endpointId);
			if (!endpoint) return undefined;
			await storeFresh(scope, endpoint.id);
			const planned = await planReplay(request, endpoint, reader);
			return await commits.run(() =>
				readEndpoint(sql, endpoint.id)
					? insertReplay(sql, planned, scope.newId('rpl'), scope.now())
					: undefined,
			);
		},
		get: async (id) => readReplay(sql, id),
		cancel: (id) => commits.run(() => cancelReplay(sql, id)),
		advance: () => commits.run(() => stepReplay(scope)),
		isAnyRunning: async () => isReplaying(sql),
	};
}
