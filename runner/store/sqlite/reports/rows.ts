import { partOf, type ReceivedEvent } from '@sureping/engine';
import { type Broken, readEach } from '../../rows/broken-row.ts';
import { listed, reportConditions } from '../../rows/list-conditions.ts';
import { toPage } from '../../rows/pages.ts';
import { bareId, type ReportKey, reportRow, toReport } from '../../rows/report.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type {
	ReportFilter,
	ReportOrigin,
	ReportSummary,
	StoredReport,
} from '../../contract/reports.ts';
import type { Reader } from '../db/reader.ts';
import type { Statements } from '../db/statements.ts';

/** Stores a report as unmatched; false when it was there before. */
export function insertReport(
	sql: Statements,
	id: string,
	origin: ReportOrigin,
	event: ReceivedEvent,
	key: ReportKey,
	now: number,
): boolean {
	if (key.earlier && isReportedSince(sql, origin, key.earlier)) return false;
	const { changes } = sql.insert(
		'reports',
		reportRow(id, origin, event, key, now),
		'ON CONFLICT (provider, connection, event_id) DO NOTHING',
	);
	return changes > 0;
}

function isReportedSince(
	sql: Statements,
	{ provider, connection }: ReportOrigin,
	{ key, since }: NonNullable<ReportKey['earlier']>,
): boolean {
	const row = sql.get`SELECT 1 FROM reports WHERE provider = ${provider}
		AND connection = ${connection} AND event_id = ${key} AND received_at > ${since}`;
	return row !== undefined;
}

/** The types of the reports on the same part of a message so far. */
export function typesReported(
	sql: Statements,
	connection: string,
	event: ReceivedEvent,
): readonly string[] {
	return sql.all`SELECT DISTINCT type FROM reports WHERE connection = ${connection}
		AND message_id = ${bareId(event.notificationId)} AND part = ${partOf(event)}`.map(({ type }) =>
		String(type),
	);
}

export function setReportMatched(sql: Statements, id: string, deliveryId: string): void {
	sql.run`UPDATE reports SET state = 'matched', delivery_id = ${deliveryId}, forward_at = NULL
		WHERE id = ${id}`;
}

export function setReportForwarded(sql: Statements, id: string): void {
	sql.run`UPDATE reports SET state = 'forwarded', forward_at = NULL WHERE id = ${id}`;
}

export function forwardLater(sql: Statements, id: string, at: number): void {
	sql.run`UPDATE reports SET forward_at = ${at} WHERE id = ${id}`;
}

/** Reports that came before the answer to the send that they are about, oldest first. */
export function unmatchedReportsOf(
	sql: Statements,
	connection: string,
	messageId: string,
): readonly StoredReport[] {
	return sql.all`SELECT * FROM reports WHERE connection = ${connection}
		AND message_id = ${bareId(messageId)} AND state = 'unmatched' ORDER BY position`.map(toReport);
}

/** Reports that are due to be forwarded, and those of them that cannot be read. */
export function reportsToForward(
	sql: Statements,
	now: number,
	limit: number,
): { readonly reports: readonly StoredReport[]; readonly broken: readonly Broken[] } {
	const rows = sql.all`SELECT * FROM reports
		WHERE forward_at <= ${now} ORDER BY forward_at, position LIMIT ${limit}`;
	const { items: reports, broken } = readEach(rows, toReport);
	return { reports, broken };
}

/** Ends the attempts to forward a report. */
export function stopReport(sql: Statements, id: string): void {
	sql.run`UPDATE reports SET forward_at = NULL WHERE id = ${id}`;
}

/** Forwards a report with the next ones; false when that was done meanwhile. */
export function requeueReport(sql: Statements, id: string, now: number): boolean {
	const { changes } = sql.run`UPDATE reports SET forward_at = ${now}
		WHERE id = ${id} AND state = 'unmatched'`;
	return changes > 0;
}

export function readReport(sql: Statements, id: string): StoredReport | undefined {
	const row = sql.get`SELECT * FROM reports WHERE id = ${id}`;
	return row && toReport(row);
}

/** Newest first, without the provider's own words, which may be long. */
export async function listReports(
	reader: Reader,
	filter: ReportFilter,
	{ after, limit }: PageRequest,
): Promise<Page<ReportSummary>> {
	const { where, values } = listed(limit, reportConditions(filter, after));
	const { rows, isCut } = await reader.find(
		`SELECT id, provider, connection, state, delivery_id, received_at,
			json_remove(body, '$.raw', '$.metadata') AS body
		 FROM reports ${where} ORDER BY id DESC LIMIT ?`,
		...values,
	);
	return toPage(rows, limit, toReport, isCut);
}
