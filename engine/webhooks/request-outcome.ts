import type { DeliveryError } from '../errors.ts';
import type { NewId } from '../ids.ts';
import { isoTime } from '../time.ts';
import type { EndpointHealth, RequestOutcome, Review } from './health.ts';
import { type OperationalEvent, operationalEvent } from './operational.ts';
import { isOurs, type WebhookDelivery } from './settle.ts';

/**
 * The outcome of one request, for the endpoint's health; undefined where no request left this host. Times in
 * milliseconds since 1970.
 */
export function outcomeOfRequest(
	settled: readonly WebhookDelivery[],
	reply: RequestOutcome['reply'],
	sentAt: number,
	now: number,
): RequestOutcome | undefined {
	if (isOurs(reply)) return undefined;
	const [first] = settled;
	return {
		sentAt,
		now,
		reply,
		acknowledged: first?.state === 'delivered',
		gaveUp: settled.some(({ state }) => state === 'exhausted'),
		waitMs: first?.dueAt === undefined ? undefined : first.dueAt - now,
	};
}

/** The event that announces the result of a review; undefined where there is nothing to announce. */
export function announcementOf(
	endpoint: { readonly id: string; readonly name: string },
	{ health, announce }: Review,
	before: EndpointHealth,
	{ error, now }: { readonly error: DeliveryError | undefined; readonly now: number },
	newId: NewId,
): OperationalEvent | undefined {
	if (!announce) return undefined;
	// A recovery is reported with the failures that it ends.
	const { failingSince, failures } = announce === 'endpoint.recovered' ? before : health;
	const facts = {
		...(health.disabled ? { reason: health.disabled } : {}),
		...(failingSince === undefined ? {} : { failing_since: isoTime(failingSince) }),
		consecutive_failures: failures,
		...(error ? { error } : {}),
	};
	return operationalEvent(announce, endpoint, facts, now, newId);
}
