import type { MessageEvent } from '../../feed-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** NotificationAPI and its successor Pingram have one word for every kind of failure. */
export const FAILURES: readonly ReceivedType[] = [
	'notification.failed',
	'notification.bounced',
	'notification.suppressed',
];

/**
 * The five fields of each of their events. Both ids are the notification's: `trackingId` is the id that a send is
 * answered with, and `notificationId` is the kind of notification there, which we do not have.
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
