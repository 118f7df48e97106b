import type { StoredWebhookState } from '../contract/webhooks.ts';

/** What an endpoint is, as far as what it is owed is concerned. */
export type EndpointState = 'enabled' | 'disabled' | 'gone';

/** What becomes of webhook deliveries that are owed to an endpoint, by its state. Pending ones are due, the others are not. */
export const ALIGNMENTS = {
	disabled: { from: ['pending'], to: 'held' },
	enabled: { from: ['held'], to: 'pending' },
	gone: { from: ['pending', 'held'], to: 'cancelled' },
} as const satisfies Record<
	EndpointState,
	{ readonly from: readonly StoredWebhookState[]; readonly to: StoredWebhookState }
>;

/**
 * When a hastened webhook delivery is due (SQL; the two stores name `now` in their own ways). The more often one was
 * tried the earlier its event happened, so a millisecond per attempt keeps newer events from overtaking it.
 */
export const hastenedDueAt = (now: string): string => `${now} - tries`;

/** Large enough to be quick, small enough that nobody notices that he waits for it. */
export const ALIGNED_TOGETHER = 2_000;
