import type { LoopStoppedEvent, OverallEvent, OverallType, UndeliveredEvent } from '../event.ts';
import type { NewId } from '../ids.ts';
import { failureOf, type Notification } from '../notification.ts';
import { isoTime } from '../time.ts';
import type { Transition } from './transition.ts';

/** The fields of every event about a notification as a whole. */
type Facts = Pick<
	UndeliveredEvent,
	'notification_id' | 'event_id' | 'sequence' | 'metadata' | 'timestamp'
>;

/** Adds `notification.undelivered`, at most once per notification. */
export function publishUndelivered(
	notification: Notification,
	now: number,
	newId: NewId,
): Transition {
	return publish(
		notification,
		'notification.undelivered',
		now,
		newId,
		(facts): UndeliveredEvent => ({
			event: 'notification.undelivered',
			status: 'undelivered',
			...facts,
			deliveries: notification.deliveries.map((delivery) => ({
				channel: delivery.channel,
				connection: delivery.connection,
				recipient: delivery.recipient,
				error: failureOf(delivery),
			})),
		}),
	);
}

/**
 * Adds `notification.loop_stopped`: a send was refused because it followed over too many steps from an event of this
 * notification. At most once per notification, so that a workflow that answers this event with a send does not loop
 * either.
 */
export function publishLoopStopped(
	notification: Notification,
	{ inReplyTo, limit }: { readonly inReplyTo: string; readonly limit: number },
	now: number,
	newId: NewId,
): Transition {
	return publish(
		notification,
		'notification.loop_stopped',
		now,
		newId,
		(facts): LoopStoppedEvent => ({
			event: 'notification.loop_stopped',
			status: 'loop_stopped',
			...facts,
			in_reply_to: inReplyTo,
			loop_limit: limit,
		}),
	);
}

function publish(
	notification: Notification,
	type: OverallType,
	now: number,
	newId: NewId,
	event: (facts: Facts) => OverallEvent,
): Transition {
	const { id, metadata, published } = notification;
	if (published.includes(type)) return { notification, events: [] };
	const facts: Facts = {
		notification_id: id,
		event_id: newId('evt'),
		sequence: published.length + 1,
		metadata: { ...metadata },
		timestamp: isoTime(now),
	};
	return {
		notification: { ...notification, published: [...published, type] },
		events: [event(facts)],
	};
}
