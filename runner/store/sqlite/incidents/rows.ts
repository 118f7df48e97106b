import type { Incident, Transition } from '@sureping/engine';
import type { IncidentFilter } from '../../contract/incidents.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type { Row } from '../../rows/columns.ts';
import { optionalNumber } from '../../rows/columns.ts';
import {
	firstPageRow,
	incidentChanges,
	type IncidentRecord,
	incidentRow,
	pageRows,
	toIncident,
	toIncidentRecord,
} from '../../rows/incident.ts';
import { incidentConditions, listed } from '../../rows/list-conditions.ts';
import type { NotificationOrigin } from '../../rows/notification.ts';
import { toPage } from '../../rows/pages.ts';
import { NOT_OVER, SEEN } from '../../rules/incidents.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';

export function insertIncident(
	sql: Statements,
	incident: Incident,
	origin: NotificationOrigin,
	now: number,
): void {
	sql.insert('incidents', incidentRow(incident, origin, now));
	sql.insert('incident_pages', firstPageRow(incident));
}

export function updateIncident(sql: Statements, incident: Incident, now: number): void {
	sql.update('incidents', incidentChanges(incident, now));
}

export function insertPages(
	sql: Statements,
	incident: Incident,
	pages: readonly Transition[],
): void {
	for (const row of pageRows(incident, pages)) sql.insert('incident_pages', row);
}

/** Throws a `BrokenRow`. */
export function readIncident(sql: Statements, id: string): IncidentRecord | undefined {
	const row = sql.get`SELECT * FROM incidents WHERE id = ${id}`;
	return row && toIncidentRecord(row);
}

/** The row of the incident that has a deduplication key of an owner, and is not over. */
export function findHolder(sql: Statements, dedupKey: string, owner: string): Row | undefined {
	return sql.get(
		`SELECT * FROM incidents WHERE dedup_key = ? AND key_owner = ? AND ${NOT_OVER}`,
		dedupKey,
		owner,
	);
}

/** Lets another incident open with the key of one that cannot be read. */
export function releaseKey(sql: Statements, id: string): void {
	sql.run`UPDATE incidents SET dedup_key = NULL WHERE id = ${id}`;
}

/** Ids of the incidents that have a deduplication key and are not over, the oldest first. */
export function idsWithKey(sql: Statements, dedupKey: string, owner?: string): readonly string[] {
	const ofOwner = owner === undefined ? '' : 'AND key_owner = ?';
	const values = owner === undefined ? [dedupKey] : [dedupKey, owner];
	return idsOf(
		sql.all(
			`SELECT id FROM incidents WHERE dedup_key = ? ${ofOwner} AND ${NOT_OVER} ORDER BY id`,
			...values,
		),
	);
}

/** Ids of incidents that are due, the longest due first. */
export function dueIncidents(sql: Statements, now: number, limit: number): readonly string[] {
	return idsOf(
		sql.all`SELECT id FROM incidents WHERE due_at <= ${now} ORDER BY due_at, id LIMIT ${limit}`,
	);
}

/** The first time after `time` at which one is due. */
export function nextIncidentAt(sql: Statements, time: number): number | undefined {
	const row = sql.get`SELECT MIN(due_at) AS at FROM incidents WHERE due_at > ${time}`;
	return optionalNumber(row?.at);
}

/** Ids of the notifications that are pages of an incident, the oldest first. */
export function pagesOf(sql: Statements, incidentId: string): readonly string[] {
	return sql.all`SELECT notification_id FROM incident_pages
		WHERE incident_id = ${incidentId} ORDER BY notification_id`.map((row) =>
		String(row.notification_id),
	);
}

export function incidentOf(sql: Statements, notificationId: string): string | undefined {
	const row = sql.get`SELECT incident_id FROM incident_pages
		WHERE notification_id = ${notificationId}`;
	return row && String(row.incident_id);
}

/** Those of these notifications that somebody has opened or read. */
export function seenOf(sql: Statements, notificationIds: readonly string[]): ReadonlySet<string> {
	const rows = sql.all`SELECT DISTINCT notification_id FROM events
		WHERE notification_id IN (SELECT value FROM json_each(${JSON.stringify(notificationIds)}))
		AND type IN (SELECT value FROM json_each(${JSON.stringify(SEEN)}))`;
	return new Set(rows.map((row) => String(row.notification_id)));
}

/** Newest first: ids sort by time. */
export async function listIncidents(
	reader: Pick<Reader, 'find'>,
	filter: IncidentFilter,
	{ after, limit }: PageRequest,
): Promise<Page<Incident>> {
	const { where, values } = listed(limit, incidentConditions(filter, after));
	const { rows, isCut } = await reader.find(
		`SELECT id, body FROM incidents ${where} ORDER BY id DESC LIMIT ?`,
		...values,
	);
	return toPage(rows, limit, toIncident, isCut);
}

/** Ends the attempts to advance an incident. */
export function stopIncident(sql: Statements, id: string): void {
	sql.run`UPDATE incidents SET due_at = NULL WHERE id = ${id}`;
}

/** Makes a stopped incident due again; false when it is over, or due. */
export function requeueIncident(sql: Statements, id: string, now: number): boolean {
	const { changes } = sql.run(
		`UPDATE incidents SET due_at = ? WHERE id = ? AND due_at IS NULL AND ${NOT_OVER}`,
		now,
		id,
	);
	return changes > 0;
}

const idsOf = (rows: readonly Row[]): readonly string[] => rows.map(({ id }) => String(id));
