import type { Endpoint } from '../contract/endpoints.ts';
import type { StoredWebhookState } from '../contract/webhooks.ts';
import { type Row, word } from '../rows/columns.ts';

/** The states of an endpoint that decide on the states of its webhook deliveries. */
export type EndpointState = 'enabled' | 'disabled' | 'gone';

/** The change to an endpoint's webhook deliveries when the endpoint enters a state. Only pending ones have a due time. */
export const ALIGNMENTS = {
	disabled: { from: ['pending'], to: 'held' },
	enabled: { from: ['held'], to: 'pending' },
	gone: { from: ['pending', 'held'], to: 'cancelled' },
} as const satisfies Record<
	EndpointState,
	{ readonly from: readonly StoredWebhookState[]; readonly to: StoredWebhookState }
>;

/**
 * The due time, as SQL, of a webhook delivery that need not wait any longer. More tries mean an older event, so each try
 * makes it due a millisecond earlier, and newer events do not overtake it.
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

/**
 * The state of a webhook delivery that is asked for again, which is possible in the states `from`; `due` is to be stored.
 * Without it nothing changes. `row` has its `state` and `endpoint_id`.
 */
export function askedAgain(
	{ state, endpoint_id }: Row,
	endpoint: Pick<Endpoint, 'status'> | undefined,
	from: readonly StoredWebhookState[],
	now: number,
): { readonly state: StoredWebhookState; readonly due?: NonNullable<ReturnType<typeof dueNow>> } {
	const due = dueNow(endpoint_id, endpoint, now);
	if (!due) return { state: 'cancelled' };
	const before = word<StoredWebhookState>(state);
	return from.includes(before) ? { state: due.state, due } : { state: before };
}

/** The states in which the operator, or a user, may ask for a webhook delivery again. */
export const RETRIED_FROM: readonly StoredWebhookState[] = ['pending', 'exhausted'];
