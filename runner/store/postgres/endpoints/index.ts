import type { EndpointChange, Endpoints } from '../../contract/endpoints.ts';
import { changed, isExpired, withStatus } from '../../rules/endpoint-changes.ts';
import { lockFeed } from '../feed/lock.ts';
import { publicationOf, publishChange } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { align } from '../webhooks/held.ts';
import { deleteEndpoints, isTaken, readEndpoint, readEndpoints, writeEndpoints } from './rows.ts';

/**
 * Changes run under the feed lock, so that publishers meanwhile go by the endpoints as they are. After one, the next claim
 * looks for due rows, so that it starts what waits in memory by the endpoints as they are, too.
 */
export function createEndpoints(scope: Scope): Endpoints {
	const { database, endpoints, newId, now, signals } = scope;
	const remove = async (id: string): Promise<void> => {
		await database.transaction(async (sql) => {
			await lockFeed(sql);
			await deleteEndpoints(sql, [id]);
		});
		signals.becameDue();
		await align(scope, id, 'gone');
	};
	return {
		all: () => endpoints.current(database),
		async declare(plan) {
			const done = await database.transaction(async (sql) => {
				// Of processes that start together, the first writes and the others find it done.
				await lockFeed(sql);
				const planned = plan((await readEndpoints(sql)).endpoints);
				const gone = planned.remove.map(({ id }) => id);
				if (gone.length > 0) await deleteEndpoints(sql, gone);
				if (planned.write.length > 0) await writeEndpoints(sql, planned.write);
				return planned;
			});
			signals.becameDue();
			for (const { id } of done.remove) await align(scope, id, 'gone');
			return done;
		},
		add: (endpoint) =>
			database.transaction(async (sql) => {
				await lockFeed(sql);
				if (await isTaken(sql, endpoint)) return undefined;
				await writeEndpoints(sql, [endpoint]);
				return endpoint;
			}),
		async change(id, change) {
			const done = await database.transaction<EndpointChange>(async (sql) => {
				await lockFeed(sql);
				const before = await readEndpoint(sql, id);
				if (!before) return { result: 'gone' };
				const endpoint = changed(before, change);
				if (await isTaken(sql, endpoint)) return { result: 'taken' };
				await writeEndpoints(sql, [endpoint]);
				return { result: 'changed', endpoint };
			});
			signals.becameDue();
			return done;
		},
		remove,
		async setStatus(id, status) {
			const time = now();
			const isChanged = await database.transaction(async (sql) => {
				const lock = await lockFeed(sql);
				const endpoint = await readEndpoint(sql, id);
				const result = endpoint && withStatus(endpoint, status, time, newId);
				if (!result) return false;
				await writeEndpoints(sql, [result.endpoint]);
				await publishChange(sql, [publicationOf(result.event)], lock, scope);
				return true;
			});
			signals.becameDue();
			if (!isChanged) return;
			await align(scope, id, status, time);
			signals.becameDue();
		},
		async removeExpired(time) {
			const known = await endpoints.current(database);
			for (const { id } of known.filter((one) => isExpired(one, time))) await remove(id);
		},
	};
}
