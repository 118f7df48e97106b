import type { Incident, IncidentTransition } from '@sureping/engine';
import type { SendAnswer } from '../contract/sends.ts';
import { type IncidentRecord, nextDueAt } from '../rows/incident.ts';

/** Condition on an incident that is not over, word for word that of the index of their keys: SQLite uses it only then. */
export const NOT_OVER = "status IN ('open', 'acknowledged', 'exhausted')";

/** Types of events that tell that somebody has seen a page. */
export const SEEN = ['notification.opened', 'notification.read'] as const;

/** A step of its policy depends on the pages that were seen. */
export function asksWhoHasSeen({ policy }: Incident): boolean {
	return policy.steps.some(({ when }) => when === 'not_opened');
}

/** The depth of an incident's events: a send that follows from one of them follows from the send that opened it. */
export const depthOf = ({ content }: Incident): number => content.depth ?? 0;

/** A step has left all as it was, so that nothing is to be written. */
export function isUnchanged(
	{ incident, dueAt }: IncidentRecord,
	{ incident: after, notifications, stopped, events }: IncidentTransition,
): boolean {
	const isQuiet = notifications.length + stopped.length + events.length === 0;
	// One that was requeued is due now, whatever it waits for.
	return isQuiet && after === incident && nextDueAt(after) === dueAt;
}

/** The answer to a send whose deduplication key an incident has that is not over. */
export function joinedAnswer({ id, notificationId, status }: Incident): SendAnswer {
	return {
		notification_id: notificationId,
		status: 'queued',
		deliveries: [],
		incident: { id, status, opened: false },
	};
}
