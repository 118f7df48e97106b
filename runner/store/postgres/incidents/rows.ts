import type { Incident, Transition } from '@sureping/engine';
import type { IncidentFilter } from '../../contract/incidents.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import { optionalNumber, type Row } from '../../rows/columns.ts';
import {
	firstPageRow,
	incidentChanges,
	type IncidentRecord,
	incidentRow,
	pageRows,
	toIncident,
	toIncidentRecord,
} from '../../rows/incident.ts';
import { incidentConditions } from '../../rows/list-conditions.ts';
import type { NotificationOrigin } from '../../rows/notification.ts';
import { toPage } from '../../rows/pages.ts';
import { NOT_OVER, SEEN } from '../../rules/incidents.ts';
import type { Sql } from '../db/database.ts';
import { isWord, listed, readLargeRows } from '../db/list-query.ts';
import { columnsOf } from '../db/tables.ts';
import { inserted, updated, write, type Write } from '../db/write-rows.ts';

/**
 * Inserts a new incident, and waits for another process that opens one with the same key. False when that one is there
 * now.
 */
export async function insertIncident(
	sql: Sql,
	incident: Incident,
	origin: NotificationOrigin,
	now: number,
): Promise<boolean> {
	const taken = `ON CONFLICT (dedup_key, key_owner) WHERE dedup_key IS NOT NULL AND ${NOT_OVER}
		DO NOTHING RETURNING id`;
	const rows = [incidentRow(incident, origin, now)];
	const isNew = (await write(sql, inserted('incidents', rows, taken))).length > 0;
	if (isNew) await write(sql, inserted('incident_pages', [firstPageRow(incident)]));
	return isNew;
}

export function changedIncident(incident: Incident, now: number): readonly Write[] {
	return updated('incidents', [incidentChanges(incident, now)]);
}

export function insertedPages(incident: Incident, pages: readonly Transition[]): readonly Write[] {
	return inserted('incident_pages', pageRows(incident, pages));
}

/** Reads an incident, which stays as it is until the transaction ends. Rejects with a `BrokenRow`. */
export async function lockIncident(sql: Sql, id: string): Promise<IncidentRecord | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('incidents')} FROM sureping.incidents WHERE id = $1 FOR UPDATE`,
		[id],
	);
	return row && toIncidentRecord(row);
}

/** Rejects with a `BrokenRow`. */
export async function readIncident(sql: Sql, id: string): Promise<Incident | undefined> {
	const [row] = await sql.rows('SELECT body FROM sureping.incidents WHERE id = $1', [id]);
	return row && toIncident(row);
}

/** Locks the row of the incident that has a deduplication key of an owner, and is not over. */
export async function lockHolder(
	sql: Sql,
	dedupKey: string,
	owner: string,
): Promise<Row | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('incidents')} FROM sureping.incidents
		 WHERE dedup_key = $1 AND key_owner = $2 AND ${NOT_OVER} FOR UPDATE`,
		[dedupKey, owner],
	);
	return row;
}

/** Lets another incident open with the key of one that cannot be read. */
export async function releaseKey(sql: Sql, id: string): Promise<void> {
	await sql.rows('UPDATE sureping.incidents SET dedup_key = NULL WHERE id = $1', [id]);
}

/** Ids of the incidents that have a deduplication key and are not over, the oldest first. */
export async function idsWithKey(
	sql: Sql,
	dedupKey: string,
	owner?: string,
): Promise<readonly string[]> {
	const ofOwner = owner === undefined ? '' : 'AND key_owner = $2';
	const rows = await sql.rows(
		`SELECT id FROM sureping.incidents WHERE dedup_key = $1 ${ofOwner} AND ${NOT_OVER} ORDER BY id`,
		owner === undefined ? [dedupKey] : [dedupKey, owner],
	);
	return idsOf(rows);
}

/** Ids of incidents that are due, the longest due first. */
export async function dueIncidents(
	sql: Sql,
	now: number,
	limit: number,
): Promise<readonly string[]> {
	const rows = await sql.rows(
		`SELECT id FROM sureping.incidents WHERE due_at <= $1::bigint
		 ORDER BY due_at, id LIMIT $2::integer`,
		[now, limit],
	);
	return idsOf(rows);
}

/** The first time after `time` at which one is due. */
export async function nextIncidentAt(sql: Sql, time: number): Promise<number | undefined> {
	const [row] = await sql.rows(
		'SELECT min(due_at) AS at FROM sureping.incidents WHERE due_at > $1::bigint',
		[time],
	);
	return optionalNumber(row?.at);
}

/** Ids of the notifications that are pages of an incident, the oldest first. */
export async function pagesOf(sql: Sql, incidentId: string): Promise<readonly string[]> {
	const rows = await sql.rows(
		`SELECT notification_id AS id FROM sureping.incident_pages
		 WHERE incident_id = $1 ORDER BY notification_id`,
		[incidentId],
	);
	return idsOf(rows);
}

export async function incidentOf(sql: Sql, notificationId: string): Promise<string | undefined> {
	const [row] = await sql.rows(
		'SELECT incident_id FROM sureping.incident_pages WHERE notification_id = $1',
		[notificationId],
	);
	return row && String(row.incident_id);
}

/** Those of these notifications that somebody has opened or read. */
export async function seenOf(
	sql: Sql,
	notificationIds: readonly string[],
): Promise<ReadonlySet<string>> {
	const rows = await sql.rows(
		`SELECT DISTINCT notification_id AS id FROM sureping.events
		 WHERE notification_id = ANY($1::text[]) AND type = ANY($2::text[])`,
		[notificationIds, SEEN],
	);
	return new Set(idsOf(rows));
}

/** Newest first: ids sort by time. */
export async function listIncidents(
	sql: Sql,
	{ status, dedupKey }: IncidentFilter,
	{ after, limit }: PageRequest,
): Promise<Page<Incident>> {
	const { where, most, values } = listed(
		limit,
		incidentConditions({ dedupKey }, after),
		isWord('status', status),
	);
	const { rows, isCut } = await readLargeRows(
		sql,
		`SELECT id, body FROM sureping.incidents ${where} ORDER BY id DESC ${most}`,
		values,
		['body'],
	);
	return toPage(rows, limit, toIncident, isCut);
}

const idsOf = (rows: readonly Row[]): readonly string[] => rows.map(({ id }) => String(id));
