import type { MessageEvent } from '../../feed-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** NotificationAPI and Pingram, which it became, have one word for every way in which a message does not arrive. */
export const FAILURES: readonly ReceivedType[] = [
	'notification.failed',
	'notification.bounced',
	'notification.suppressed',
];

/**
 * The five fields of each of their events. Both ids are the notification's: `trackingId` is what a send is answered with,
 * and `notificationId`, the kind of notification there, is nothing that we know.
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
