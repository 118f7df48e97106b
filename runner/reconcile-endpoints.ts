import { isDeepStrictEqual } from 'node:util';
import { healthyFrom } from '@sureping/engine';
import type { Config } from './config/config.ts';
import { withFormerSecrets } from './former-secrets.ts';
import { endpointRow, toEndpoint } from './store/rows/endpoint.ts';
import { type Endpoint, type EndpointPlan, healthOf } from './store/contract/endpoints.ts';

type Declared = Config['endpoints'][number];

/**
 * Plans the changes that make the stored endpoints those of the config file. An endpoint is recognised by its name, or
 * by its URL if it was renamed, so that its pending webhooks survive a restart. Unchanged endpoints are left alone.
 */
export function reconcileEndpoints(
	stored: readonly Endpoint[],
	declared: readonly Declared[],
	newId: () => string,
	now: number,
): EndpointPlan {
	const ours = stored.filter(({ source }) => source === 'config');
	const byName = new Map(ours.map((one) => [one.name, one]));
	const names = new Set(declared.map(({ name }) => name));
	/** Stored endpoints whose name is no longer in the file, by URL. */
	const byUrl = new Map<string, Endpoint[]>();
	for (const one of ours) {
		if (names.has(one.name)) continue;
		const same = byUrl.get(one.url);
		if (same) same.push(one);
		else byUrl.set(one.url, [one]);
	}
	const kept = new Set<string>();
	const write: Endpoint[] = [];
	for (const endpoint of declared) {
		const known = byName.get(endpoint.name) ?? byUrl.get(endpoint.url)?.shift();
		if (known) kept.add(known.id);
		const after = known
			? withFormerEvents(adopted(endpoint, known, now), known)
			: { ...endpoint, id: newId(), createdAt: now };
		if (!known || !isStoredAs(after, known)) write.push(after);
	}
	return { write, remove: ours.filter(({ id }) => !kept.has(id)) };
}

/** The declared endpoint, with the parts that only the store knows. */
function adopted(endpoint: Declared, before: Endpoint, now: number): Endpoint {
	const { id, createdAt, status, health } = before;
	const isMoved = before.url !== endpoint.url;
	const isSameOrigin = new URL(before.url).origin === new URL(endpoint.url).origin;
	return {
		...endpoint,
		// Secrets of one origin must not be sent to another.
		...(isSameOrigin ? withFormerSecrets(before, endpoint.secret, now) : {}),
		id,
		createdAt,
		status,
		// Another URL starts a new health record; a disabled endpoint stays disabled.
		...(isMoved && status === 'enabled'
			? { health: healthyFrom(Math.max(now, healthOf(before).since + 1)) }
			: health
				? { health }
				: {}),
	};
}

/** Keeps the default events of an endpoint until something of it changes. */
function withFormerEvents(endpoint: Endpoint, stored: Endpoint): Endpoint {
	if (!endpoint.hasDefaultEvents || !stored.hasDefaultEvents) return endpoint;
	const unchanged: Endpoint = { ...endpoint, events: stored.events };
	return isStoredAs(unchanged, stored) ? unchanged : endpoint;
}

/** Compares with the endpoint as it would be read from its row, which does not distinguish absent from undefined. */
function isStoredAs(endpoint: Endpoint, stored: Endpoint): boolean {
	return isDeepStrictEqual(toEndpoint(endpointRow(endpoint)), stored);
}
