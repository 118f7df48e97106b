import {
	INCIDENT_STATUSES,
	type Incident,
	incidentDueAt,
	OVER,
	type Transition,
} from '@sureping/engine';
import { BrokenRow } from '../contract/errors.ts';
import { fromJson, type NewRow, optionalNumber, type Row } from './columns.ts';
import type { NotificationOrigin } from './notification.ts';

/** An incident as it is stored. Its origin is that of all its pages. */
export interface IncidentRecord {
	readonly incident: Incident;
	readonly origin: NotificationOrigin;
	/** Its column; undefined while a dead letter keeps it from being tried. */
	readonly dueAt: number | undefined;
}

export function incidentRow(
	incident: Incident,
	{ apiKey, callbacks }: NotificationOrigin,
	now: number,
): NewRow {
	return {
		...incidentChanges(incident, now),
		key_owner: incident.owner,
		dedup_key: incident.dedupKey ?? null,
		opened_at: incident.openedAt,
		policy_name: incident.policyName ?? null,
		api_key: apiKey,
		callbacks: JSON.stringify(callbacks),
	};
}

/** The columns of an incident that a step may change, with its id. */
export function incidentChanges(incident: Incident, now: number): NewRow {
	const { id, status, endedAt } = incident;
	return {
		id,
		status,
		due_at: nextDueAt(incident) ?? null,
		// One that nobody answered may still be, and is kept from its last change on.
		ended_at: endedAt ?? (status === 'exhausted' ? now : null),
		body: JSON.stringify(incident),
	};
}

/** The time at which an incident has something to do; undefined while there is none, and once it is over. */
export function nextDueAt(incident: Incident): number | undefined {
	return OVER.has(incident.status) ? undefined : incidentDueAt(incident);
}

/** The row that names the first page of an incident, whose notification's id is known from the beginning. */
export const firstPageRow = ({ id, notificationId }: Incident): NewRow => ({
	notification_id: notificationId,
	incident_id: id,
});

/** The rows that name the notifications that are further pages of an incident. */
export function pageRows(
	{ id, notificationId }: Incident,
	pages: readonly Transition[],
): readonly NewRow[] {
	return pages
		.filter(({ notification }) => notification.id !== notificationId)
		.map(({ notification }) => ({ notification_id: notification.id, incident_id: id }));
}

/** Reads a row with all its columns. Throws a `BrokenRow`. */
export function toIncidentRecord(row: Row): IncidentRecord {
	return {
		incident: toIncident(row),
		origin: { apiKey: String(row.api_key), callbacks: fromJson(row.callbacks) },
		dueAt: optionalNumber(row.due_at),
	};
}

/** Reads a row with its `body`. Throws a `BrokenRow`. */
export function toIncident({ body }: Row): Incident {
	const value: unknown = fromJson(body);
	if (!isIncident(value)) throw new BrokenRow('It is not an incident any more');
	return value;
}

/** Checks the parts that its next step is decided from; the store wrote the others with them. */
function isIncident(value: unknown): value is Incident {
	if (typeof value !== 'object' || value === null) return false;
	const {
		id,
		status,
		policy,
		content,
		pages,
		pending,
		answers,
		trail,
	}: Partial<Record<keyof Incident, unknown>> = value;
	return (
		typeof id === 'string' &&
		INCIDENT_STATUSES.some((known) => known === status) &&
		hasSteps(policy) &&
		typeof content === 'object' &&
		content !== null &&
		[pages, pending, answers, trail].every(Array.isArray)
	);
}

function hasSteps(policy: unknown): boolean {
	return (
		typeof policy === 'object' &&
		policy !== null &&
		'steps' in policy &&
		Array.isArray(policy.steps)
	);
}
