import type { OutgoingMessage } from '../channels/index.ts';
import { answerButtons } from '../answer-buttons.ts';
import type { Delivery, Notification } from '../notification.ts';

/**
 * The message of a delivery's next attempt. `now` in milliseconds. `line` is added to the text of this message alone: it may
 * hold a link that only its reader should have.
 */
export function outgoingMessage(
	notification: Notification,
	delivery: Delivery,
	now: number,
	line?: string,
): OutgoingMessage {
	const { incidentId } = notification;
	return {
		notificationId: notification.id,
		deliveryId: delivery.id,
		recipient: delivery.recipient,
		subject: notification.subject,
		text: line === undefined ? notification.message : `${notification.message}\n\n${line}`,
		metadata: notification.metadata,
		buttons: incidentId === undefined ? undefined : answerButtons(incidentId),
		attempt: delivery.attempts.length + 1,
		now,
		timeoutMs: delivery.policy.timeoutMs,
		reportUrl: delivery.report?.url,
	};
}
