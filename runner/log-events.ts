import type { Transition } from '@sureping/engine';
import type { Logger } from 'pino';

/** Logs a line for each event, without content and recipient. */
export function logEvents(log: Logger, events: Transition['events']): void {
	for (const { event, event_id, notification_id, delivery_id, channel, ...rest } of events) {
		const error = 'error' in rest ? rest.error : undefined;
		log.info({ event, event_id, notification_id, delivery_id, channel, error }, event);
	}
}
