import type {
	IncidentFacts,
	IncidentStep,
	IncidentTransition,
	Notification,
} from '@sureping/engine';
import { BrokenRow } from '../../contract/errors.ts';
import { orBroken } from '../../rows/broken-row.ts';
import type { IncidentRecord } from '../../rows/incident.ts';
import type { NotificationOrigin } from '../../rows/notification.ts';
import { asksWhoHasSeen, depthOf, isUnchanged } from '../../rules/incidents.ts';
import type { Statements } from '../db/statements.ts';
import { publish } from '../feed/publish.ts';
import { addNotification } from '../notifications/add.ts';
import { cancelNotification } from '../notifications/cancel.ts';
import { readNotification } from '../notifications/rows.ts';
import type { Scope } from '../scope.ts';
import { insertPages, pagesOf, readIncident, seenOf, updateIncident } from './rows.ts';

/** Applies a step to an incident, in a transaction of the caller's. Throws a `BrokenRow`. */
export function change(
	scope: Scope,
	id: string,
	step: IncidentStep,
): IncidentTransition | undefined {
	const record = orBroken(() => readIncident(scope.sql, id));
	return record && changeRecord(scope, record, step);
}

/** Applies a step to an incident that was read in the same transaction. `facts` are those of its pages unless given. */
export function changeRecord(
	scope: Scope,
	record: IncidentRecord,
	step: IncidentStep,
	facts = factsOf(scope.sql, record),
): IncidentTransition {
	const { sql, now } = scope;
	const { incident, origin } = record;
	const transition = orBroken(() => step(incident, facts));
	if (isUnchanged(record, transition)) return transition;
	updateIncident(sql, transition.incident, now());
	storeWork(scope, transition, origin);
	return transition;
}

/** Stores the parts of a transition that are not the incident: its events, its new pages, and the end of those it stops. */
export function storeWork(
	scope: Scope,
	{ incident, notifications, stopped, events }: IncidentTransition,
	origin: NotificationOrigin,
): void {
	const { sql } = scope;
	publish(scope, events, origin.callbacks, { depth: depthOf(incident) });
	for (const page of notifications) addNotification(scope, page, origin);
	insertPages(sql, incident, notifications);
	for (const page of readPages(sql, stopped)) cancelNotification(scope, page);
}

function factsOf(sql: Statements, { incident }: IncidentRecord): IncidentFacts {
	const pages = pagesOf(sql, incident.id);
	return {
		notifications: readPages(sql, pages),
		opened: asksWhoHasSeen(incident) ? seenOf(sql, pages) : new Set(),
	};
}

/** Notifications that are still stored. A damaged one counts as gone: it must not end the escalation. */
function readPages(sql: Statements, ids: readonly string[]): readonly Notification[] {
	return ids.flatMap((id) => {
		try {
			return orBroken(() => readNotification(sql, id)?.notification) ?? [];
		} catch (error) {
			if (error instanceof BrokenRow) return [];
			throw error;
		}
	});
}
