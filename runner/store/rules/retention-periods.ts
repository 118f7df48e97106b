import type { Retention } from '../contract/upkeep.ts';
import type { StoredWebhookState } from '../contract/webhooks.ts';

/** Time for which an idempotency key returns its first answer; milliseconds. */
export const ANSWERS_KEPT_MS = 24 * 3600 * 1000;

/**
 * Time for which one-time tokens are kept, in milliseconds: longer than any provider resends a request, and than any
 * tolerance of its timestamp.
 */
const TOKENS_KEPT_MS = 72 * 3600 * 1000;

/** Time for which the counts of a quota are kept, in milliseconds: longer than any period. */
const QUOTAS_KEPT_MS = 40 * 24 * 3600 * 1000;

/** Tables whose rows are deleted, oldest first, `keptMs` after the time in their column `at`. */
export const FORGOTTEN = [
	{ table: 'idempotency', key: 'api_key, key', at: 'created_at', keptMs: ANSWERS_KEPT_MS },
	{
		table: 'inbound_tokens',
		key: 'provider, connection, token',
		at: 'seen_at',
		keptMs: TOKENS_KEPT_MS,
	},
	{ table: 'quota_use', key: 'api_key, period_start', at: 'period_start', keptMs: QUOTAS_KEPT_MS },
] as const;

/** Time for which a webhook delivery in this state is kept, in milliseconds; undefined for ever. */
export function keptFor(state: StoredWebhookState, retention: Retention): number | undefined {
	return state === 'held' ? retention.heldMs : retention.webhookDeliveriesMs;
}
