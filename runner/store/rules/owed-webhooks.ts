import {
	type FeedEvent,
	isEscalation,
	isForwarded,
	isOperational,
	PROFILES,
	subscribersOf,
	type Subscription,
	type WebhookEvent,
} from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { Callback } from '../contract/sends.ts';
import type { WebhookTarget } from '../contract/webhooks.ts';
import { isExpired } from './endpoint-changes.ts';

/** The possible recipients of an event. */
export interface Audience {
	readonly endpoints: readonly Endpoint[];
	/** The callbacks that its send named. */
	readonly callbacks: readonly Callback[];
}

/** The endpoints and callbacks that an event is owed to. `earlier` are the events of its notification before it. */
export function owedWebhooks(
	event: WebhookEvent,
	{ endpoints, callbacks }: Audience,
	earlier: () => readonly FeedEvent[],
	now: number,
): readonly WebhookTarget[] {
	const hasCallback = callbacks.some(({ profile }) => profile === 'one-ping');
	const background = { hasCallback, earlier };
	return [
		...subscribersOf(event, background, endpoints)
			.filter((endpoint) => !isExpired(endpoint, now))
			.map((endpoint) => ({ endpoint })),
		...subscribersOf(event, background, callbacks.map(subscription)).map(({ callback }) => ({
			callback,
		})),
	];
}

/**
 * The id of the notification of ours that an event is about; '' for a forwarded report, an operational event, and an event of
 * an incident, which has its text itself.
 */
export function notificationOf(event: WebhookEvent): string {
	if (isOperational(event) || isForwarded(event) || isEscalation(event)) return '';
	return event.notification_id;
}

/** True if someone has a format whose last event depends on the events before it. */
export function hasLastWord({ endpoints, callbacks }: Audience): boolean {
	return [...endpoints, ...callbacks].some(({ profile }) => PROFILES[profile].concludes);
}

function subscription(callback: Callback): Subscription & { callback: Callback } {
	const { profile, reportType } = callback;
	const events = PROFILES[profile].defaultEvents;
	const signatureInput = 'timestamped';
	return { callback, profile, reportType, events, signatureInput, isDefault: false };
}
