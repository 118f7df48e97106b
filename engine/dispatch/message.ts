import type { OutgoingMessage } from '../channels/index.ts';
import { answerButtons } from '../answer-buttons.ts';
import type { Delivery, Notification } from '../notification.ts';

/** The message of a delivery's next attempt. `now` in milliseconds. */
export function outgoingMessage(
	notification: Notification,
	delivery: Delivery,
	now: number,
): OutgoingMessage {
	const { incidentId } = notification;
	return {
		notificationId: notification.id,
		deliveryId: delivery.id,
		recipient: delivery.recipient,
		subject: notification.subject,
		text: notification.message,
		metadata: notification.metadata,
		buttons: incidentId === undefined ? undefined : answerButtons(incidentId),
		attempt: delivery.attempts.length + 1,
		now,
		timeoutMs: delivery.policy.timeoutMs,
		reportUrl: delivery.report?.url,
	};
}
