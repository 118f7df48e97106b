import type { Endpoint } from '../contract/endpoints.ts';
import type { StoredWebhookState } from '../contract/webhooks.ts';

/** The state of an endpoint on which the webhook deliveries owed to it depend. */
export type EndpointState = 'enabled' | 'disabled' | 'gone';

/** The change of the webhook deliveries owed to an endpoint, by its new state. Pending ones are due, the others are not. */
export const ALIGNMENTS = {
	disabled: { from: ['pending'], to: 'held' },
	enabled: { from: ['held'], to: 'pending' },
	gone: { from: ['pending', 'held'], to: 'cancelled' },
} as const satisfies Record<
	EndpointState,
	{ readonly from: readonly StoredWebhookState[]; readonly to: StoredWebhookState }
>;

/**
 * The due time of a webhook delivery whose wait is ended, as SQL. The more often one was tried, the older is its event;
 * a millisecond per attempt keeps newer events from overtaking it.
 */
export const hastenedDueAt = (now: string): string => `${now} - tries`;

/** Webhook deliveries per transaction: enough to be quick, few enough that requests hardly wait for it. */
export const ALIGNED_TOGETHER = 2_000;

/**
 * The state and due time of a webhook delivery that is made due now: held while its endpoint is disabled. Undefined if its
 * endpoint is gone. `endpointId` is null for a callback, which has none.
 */
export function dueNow(
	endpointId: unknown,
	endpoint: Pick<Endpoint, 'status'> | undefined,
	now: number,
): { readonly state: 'pending' | 'held'; readonly dueAt: number | null } | undefined {
	if (endpointId !== null && !endpoint) return undefined;
	return endpoint?.status === 'disabled'
		? { state: 'held', dueAt: null }
		: { state: 'pending', dueAt: now };
}
