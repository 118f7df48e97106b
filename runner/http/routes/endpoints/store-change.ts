import { healthyFrom } from '@sureping/engine';
import { type Endpoint, healthOf } from '../../../store/contract/endpoints.ts';
import type { Api, ApiWith } from '../../api.ts';
import { Problem } from '../../problem.ts';
import { noEndpoint } from './find.ts';

/**
 * Changes an endpoint. `change` gets it as it is when the change is stored: others may have changed it since it was read.
 * Throws a 404, or a 409 when another endpoint has the URL.
 */
export async function storeChange(
	id: string,
	api: ApiWith<'endpoints'>,
	change: (now: Endpoint) => Endpoint,
): Promise<Endpoint> {
	let wanted = '';
	const changed = await api.store.endpoints.change(id, (now) => {
		const next = change(now);
		wanted = next.url;
		return next;
	});
	if (changed.result === 'changed') return changed.endpoint;
	if (changed.result === 'taken') throw await urlTaken(wanted, api);
	throw noEndpoint();
}

/** The 409 for a URL that another endpoint has, with that endpoint's id. */
export async function urlTaken(url: string, { store }: ApiWith<'endpoints'>): Promise<Problem> {
	const other = (await store.endpoints.all()).find((e) => e.source === 'api' && e.url === url);
	return new Problem(409, 'Another endpoint has this URL', [], { endpoint_id: other?.id });
}

/** The health of an endpoint whose failures no longer count. A disabled endpoint keeps its health, with the reason. */
export function withCleanRecord(
	now: Endpoint,
	{ clock }: Pick<Api, 'clock'>,
): Pick<Endpoint, 'health'> {
	if (now.status === 'disabled') return {};
	return { health: healthyFrom(Math.max(clock.now(), healthOf(now).since + 1)) };
}
