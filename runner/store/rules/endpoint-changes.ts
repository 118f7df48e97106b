import { healthyFrom, type NewId, operationalEvent, type OperationalEvent } from '@sureping/engine';
import { type Endpoint, healthOf } from '../contract/endpoints.ts';
import type { Acceptance } from '../contract/sends.ts';
import type { EndpointReview } from '../contract/webhooks.ts';

/** The endpoint after a change by its owner. Its status stays: `withStatus` changes it, with its consequences. */
export function changed(endpoint: Endpoint, change: (endpoint: Endpoint) => Endpoint): Endpoint {
	const { id, status } = endpoint;
	return { ...change(endpoint), id, status };
}

/** True when a temporary endpoint has expired. */
export const isExpired = ({ expiresAt = Infinity }: Endpoint, now: number): boolean =>
	expiresAt <= now;

/** Endpoints of the API need URLs of their own. Those of the config file may share one. */
export function isTaken({ id, url, source }: Endpoint, stored: readonly Endpoint[]): boolean {
	return (
		source === 'api' &&
		stored.some((other) => other.source === 'api' && other.url === url && other.id !== id)
	);
}

/**
 * The endpoint with another status, requested by its owner, and the event that announces it. Undefined where it has that
 * status already.
 */
export function withStatus(
	endpoint: Endpoint,
	status: Endpoint['status'],
	now: number,
	newId: NewId,
): { readonly endpoint: Endpoint; readonly event: OperationalEvent } | undefined {
	if (endpoint.status === status) return undefined;
	const health = healthOf(endpoint);
	if (status === 'disabled') {
		return {
			endpoint: { ...endpoint, status, health: { ...health, disabled: 'requested' } },
			event: operationalEvent('endpoint.disabled', endpoint, { reason: 'requested' }, now, newId),
		};
	}
	// A new health record, with a later `since` than the one before, even if the clock stood still.
	const since = Math.max(now, health.since + 1);
	return {
		endpoint: { ...endpoint, status, health: healthyFrom(since) },
		event: operationalEvent('endpoint.enabled', endpoint, {}, now, newId),
	};
}

/** The result of reviews of one endpoint. */
export interface ReviewedEndpoint {
	/** With its new health, and disabled if a review says so. */
	readonly endpoint: Endpoint;
	/** The review that disabled it. */
	readonly disabledBy: EndpointReview | undefined;
	readonly events: readonly OperationalEvent[];
	readonly notices: readonly Acceptance[];
}

/**
 * Applies reviews of one endpoint in the order in which their requests ended. Those of an earlier health record do not
 * count, nor those after the one that disables the endpoint. Undefined where none counts.
 */
export function reviewed(
	endpoint: Endpoint | undefined,
	reviews: readonly EndpointReview[],
): ReviewedEndpoint | undefined {
	if (endpoint?.status !== 'enabled') return undefined;
	const { since } = healthOf(endpoint);
	const current = reviews.filter(({ health }) => health.since === since);
	const end = current.findIndex(({ disable }) => disable);
	const counted = end < 0 ? current : current.slice(0, end + 1);
	const last = counted.at(-1);
	if (!last) return undefined;
	const { health, disable } = last;
	return {
		endpoint: { ...endpoint, status: disable ? 'disabled' : 'enabled', health },
		disabledBy: disable ? last : undefined,
		events: counted.flatMap(({ events }) => events),
		notices: counted.flatMap(({ notices }) => notices),
	};
}
