import type { Transition } from '@sureping/engine';
import type { Logger } from 'pino';

/** Logs a line for each event, without content and recipient. */
export function logEvents(log: Logger, events: Transition['events']): void {
	const lines = withoutRedaction(log);
	for (const one of events) {
		const { event, event_id, notification_id, delivery_id, channel } = one;
		const error = 'error' in one ? one.error : undefined;
		const incident_id = 'incident_id' in one ? one.incident_id : undefined;
		lines.info(
			{ event, event_id, notification_id, delivery_id, incident_id, channel, error },
			event,
		);
	}
}

const unredacted = new WeakMap<Logger, Logger>();

/** The same log for lines whose fields are known to hold no secret: to look for them costs more than the line itself. */
function withoutRedaction(log: Logger): Logger {
	const known = unredacted.get(log);
	if (known) return known;
	const child = log.child({}, { redact: [] });
	unredacted.set(log, child);
	return child;
}
