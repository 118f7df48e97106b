import type { IncidentTransition } from '@sureping/engine';
import type { Logger } from 'pino';
import { logEvents } from './log-events.ts';
import type { Metrics } from './metrics/index.ts';

/** Logs and counts the events of an incident's transition, and those of its new pages, once they are stored. */
export function tellTransition(
	{ notifications, events }: Pick<IncidentTransition, 'notifications' | 'events'>,
	{ log, metrics }: { readonly log: Logger; readonly metrics: Pick<Metrics, 'countEvents'> },
): void {
	const all = [...notifications.flatMap((page) => page.events), ...events];
	logEvents(log, all);
	metrics.countEvents(all);
}
