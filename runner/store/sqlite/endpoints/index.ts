import type { Endpoint, Endpoints } from '../../contract/endpoints.ts';
import { changed, isExpired, isTaken, withStatus } from '../../rules/endpoint-changes.ts';
import { publish } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { align } from '../webhooks/held.ts';
import { deleteEndpoint, readEndpoint, readEndpoints, writeEndpoint } from './rows.ts';

export function createEndpoints(scope: Scope): Endpoints {
	const { sql, endpoints } = scope;
	const declare: Endpoints['declare'] = async (plan) => {
		const done = await endpoints.change(() => {
			const planned = plan(readEndpoints(sql));
			for (const { id } of planned.remove) deleteEndpoint(sql, id);
			for (const endpoint of planned.write) writeEndpoint(sql, endpoint);
			return planned;
		});
		for (const { id } of done.remove) await align(scope, id);
		return done;
	};
	const remove = async (isGone: (endpoint: Endpoint) => boolean): Promise<void> => {
		if (!endpoints.all.some(isGone)) return;
		await declare((stored) => ({ write: [], remove: stored.filter(isGone) }));
	};
	return {
		all: async () => endpoints.all,
		declare,
		add: (endpoint) =>
			endpoints.change(() => {
				if (isTaken(endpoint, readEndpoints(sql))) return undefined;
				writeEndpoint(sql, endpoint);
				return endpoint;
			}),
		change: (id, change) =>
			endpoints.change(() => {
				const stored = readEndpoints(sql);
				const before = stored.find((one) => one.id === id);
				if (!before) return { result: 'gone' };
				const endpoint = changed(before, change);
				if (isTaken(endpoint, stored)) return { result: 'taken' };
				writeEndpoint(sql, endpoint);
				return { result: 'changed', endpoint };
			}),
		remove: (id) => remove((one) => one.id === id),
		async setStatus(id, status) {
			await endpoints.change(() => {
				const endpoint = readEndpoint(sql, id);
				const result = endpoint && withStatus(endpoint, status, scope.now(), scope.newId);
				if (!result) return;
				writeEndpoint(sql, result.endpoint);
				endpoints.reread();
				publish(scope, [result.event]);
			});
			await align(scope, id);
		},
		removeExpired: (now) => remove((one) => isExpired(one, now)),
	};
}
