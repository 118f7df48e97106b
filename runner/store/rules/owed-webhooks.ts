import {
	type FeedEvent,
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

/** Who may be owed an event. */
export interface Audience {
	readonly endpoints: readonly Endpoint[];
	/** Those that the send named. */
	readonly callbacks: readonly Callback[];
}

/** Whom an event is owed to from now on. `earlier` are the events of its notification before it. */
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
			.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
			.map((endpoint) => ({ endpoint })),
		...subscribersOf(event, background, callbacks.map(subscription)).map(({ callback }) => ({
			callback,
		})),
	];
}

/** What somebody else sent is no notification of ours, whatever its id; nor is what happened to an endpoint. */
export function notificationOf(event: WebhookEvent): string {
	return isOperational(event) || isForwarded(event) ? '' : event.notification_id;
}

/** Whether anybody has a format with a last word, after which the events before have to be looked at. */
export function hasLastWord({ endpoints, callbacks }: Audience): boolean {
	return [...endpoints, ...callbacks].some(({ profile }) => PROFILES[profile].concludes);
}

function subscription(callback: Callback): Subscription & { callback: Callback } {
	const { profile, reportType } = callback;
	const events = PROFILES[profile].defaultEvents;
	const signatureInput = 'timestamped';
	return { callback, profile, reportType, events, signatureInput, isDefault: false };
}
