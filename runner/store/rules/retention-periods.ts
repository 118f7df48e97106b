import type { Retention } from '../contract/upkeep.ts';
import type { StoredWebhookState } from '../contract/webhooks.ts';

/** How long an idempotency key answers with what it answered first. Milliseconds. */
export const ANSWERS_KEPT_MS = 24 * 3600 * 1000;

/** Longer than any provider resends a request, and than any tolerance of its timestamp. Milliseconds. */
export const TOKENS_KEPT_MS = 72 * 3600 * 1000;

/** Counts of a quota: longer than any period. Milliseconds. */
export const QUOTAS_KEPT_MS = 40 * 24 * 3600 * 1000;

/** How long a webhook that rests in this state is kept; milliseconds, undefined for ever. */
export function keptFor(state: StoredWebhookState, retention: Retention): number | undefined {
	return state === 'held' ? retention.heldMs : retention.webhookDeliveriesMs;
}
