import type { Endpoint } from '../../../store/contract/endpoints.ts';
import type { ApiWith } from '../../api.ts';
import { Problem } from '../../problem.ts';

/** The endpoint with this id. Throws a 404. */
export async function findEndpoint(id: string, { store }: ApiWith<'endpoints'>): Promise<Endpoint> {
	const found = (await store.endpoints.all()).find((endpoint) => endpoint.id === id);
	if (!found) throw noEndpoint();
	return found;
}

export const noEndpoint = (): Problem => new Problem(404, 'There is no endpoint with this id');

/** The endpoint with this id. Throws a 404, or a 409 for an endpoint of the config file. */
export async function findChangeable(id: string, api: ApiWith<'endpoints'>): Promise<Endpoint> {
	const endpoint = await findEndpoint(id, api);
	if (endpoint.source === 'config') {
		throw new Problem(409, `"${endpoint.name}" is in the config file; change it there`);
	}
	return endpoint;
}
