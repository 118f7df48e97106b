import type { MessageEvent } from '../../feed-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';
import { WEBHOOK_RETRY } from '../../retry.ts';
import type { Profile } from './profile.ts';

/** NotificationAPI's names for the channels that its events webhook reports on ("Supported Events"). */
const CHANNELS = new Map([
	['email', 'EMAIL'],
	['sms', 'SMS'],
	['call', 'CALL'],
	['push', 'PUSH'],
	['web_push', 'WEB_PUSH'],
	['in_app', 'INAPP_WEB'],
]);

/** One word for every way in which a message does not arrive. */
export const FAILURES: readonly ReceivedType[] = [
	'notification.failed',
	'notification.bounced',
	'notification.suppressed',
];

/**
 * The five fields of every event. Both ids are the notification's: `trackingId` is what a send is answered with, and
 * `notificationId`, the kind of notification there, is nothing that we know.
 */
export function trackedEvent(
	{ notification_id, recipient = '' }: MessageEvent,
	eventType: string,
	channel: string,
): Record<string, unknown> {
	return {
		eventType,
		trackingId: notification_id,
		notificationId: notification_id,
		channel,
		userId: recipient,
	};
}

/**
 * NotificationAPI's events webhook as it was before the service became Pingram: eight events, unsigned
 * (https://github.com/notificationapi-com/docs/blob/main/docs/features/events-webhook.md). Its schedule is not
 * published; any 2xx acknowledges.
 */
export const notificationApi: Profile = {
	defaultEvents: ['notification.opened', 'notification.clicked', ...FAILURES],
	retry: WEBHOOK_RETRY,
	secret: 'none',
	batches: false,
	payload(event) {
		const channel = CHANNELS.get(event.channel ?? '');
		if (channel === undefined) return undefined;
		if (FAILURES.includes(event.event)) return trackedEvent(event, `${channel}_FAILED`, channel);
		if (channel !== 'EMAIL') return undefined;
		if (event.event === 'notification.opened') return trackedEvent(event, 'OPEN', channel);
		if (event.event === 'notification.clicked') return trackedEvent(event, 'CLICK', channel);
		return undefined;
	},
	headers: () => ({}),
};
