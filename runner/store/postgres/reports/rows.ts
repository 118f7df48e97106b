import { partOf, type ReceivedEvent } from '@sureping/engine';
import { type Broken, readEach } from '../../rows/broken-row.ts';
import type { Row } from '../../rows/columns.ts';
import { reportConditions } from '../../rows/list-conditions.ts';
import { toPage } from '../../rows/pages.ts';
import { bareId, type ReportKey, toReport } from '../../rows/report.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import type {
	ReportFilter,
	ReportOrigin,
	ReportSummary,
	StoredReport,
} from '../../contract/reports.ts';
import type { KnownMessage } from '../../rules/report-batches.ts';
import { listed, readLargeRows } from '../db/list-query.ts';
import type { Sql, Value } from '../db/database.ts';
import { columnsOf } from '../db/tables.ts';
import { valuesOf } from '../db/write-rows.ts';

/** The keys among `keys` whose reports are stored already. */
export async function knownReports(
	sql: Sql,
	{ provider, connection }: ReportOrigin,
	keys: readonly ReportKey[],
): Promise<Set<string>> {
	const wanted = keys.flatMap(({ key, earlier }) => [
		{ key, as: key, since: -1 },
		...(earlier ? [{ key, as: earlier.key, since: earlier.since }] : []),
	]);
	const rows = await sql.rows(
		`SELECT u.n FROM unnest($3::text[], $4::bigint[]) WITH ORDINALITY AS u (event_id, since, n)
		 JOIN sureping.reports r ON r.provider = $1 AND r.connection = $2
		 AND md5(r.event_id) = md5(u.event_id) AND r.event_id = u.event_id AND r.received_at > u.since`,
		[provider, connection, ...valuesOf(['as', 'since'], wanted)],
	);
	return new Set(rows.map(({ n }) => wanted[Number(n) - 1]?.key ?? ''));
}

/** The key of a part of a message, for `typesReported`. */
export const partKey = (event: ReceivedEvent): string =>
	JSON.stringify([bareId(event.notificationId), partOf(event)]);

/** The types reported so far on the parts of messages that `reports` are about, by `partKey`. */
export async function typesReported(
	sql: Sql,
	connection: string,
	reports: readonly ReceivedEvent[],
): Promise<Map<string, string[]>> {
	const rows = await sql.rows(
		`SELECT DISTINCT r.message_id, r.part, r.type FROM unnest($2::text[]) AS wanted
		 JOIN sureping.reports r
		 ON r.connection = $1 AND md5(r.message_id) = md5(wanted) AND r.message_id = wanted`,
		[connection, [...new Set(reports.map(({ notificationId }) => bareId(notificationId)))]],
	);
	const types = new Map<string, string[]>();
	for (const { message_id, part, type } of rows) {
		const key = JSON.stringify([message_id, part]);
		types.set(key, [...(types.get(key) ?? []), String(type)]);
	}
	return types;
}

/** The parameters of `isReportWaiting`: messages that reports may have waited for. */
export const waitedFor = (messages: readonly KnownMessage[]): Value[] => [
	messages.map(({ connection }) => connection),
	messages.map(({ messageId }) => bareId(messageId)),
];

/**
 * Condition on a report `r`: it is about the message `wanted` (connection, message_id), which was not known when it
 * came.
 */
const WAITS = `r.connection = wanted.connection
	AND md5(r.message_id) = md5(wanted.message_id) AND r.message_id = wanted.message_id
	AND r.state = 'unmatched'`;

/** Condition: a report waits for one of the messages `waitedFor`, which are the parameters from number `first` on. */
export const isReportWaiting = (first: number): string =>
	`EXISTS (SELECT 1 FROM unnest($${first}::text[], $${first + 1}::text[]) AS wanted (connection, message_id)
	 CROSS JOIN LATERAL (SELECT 1 FROM sureping.reports r WHERE ${WAITS} LIMIT 1) waiting)`;

/** Reports that came before the answers to the sends that they are about, oldest first. */
export async function unmatchedReportsOf(
	sql: Sql,
	messages: readonly KnownMessage[],
): Promise<readonly (StoredReport & { readonly deliveryId: string })[]> {
	const rows = await sql.rows(
		`SELECT ${columnsOf('reports', 'r').replace('r.delivery_id', 'wanted.delivery_id')}
		 FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (connection, message_id, delivery_id)
		 JOIN sureping.reports r ON ${WAITS} ORDER BY r.position`,
		[...waitedFor(messages), messages.map(({ deliveryId }) => deliveryId)],
	);
	return rows.map((row) => ({ ...toReport(row), deliveryId: String(row.delivery_id) }));
}

export async function setReportsMatched(
	sql: Sql,
	reports: readonly { readonly id: string; readonly deliveryId: string }[],
): Promise<void> {
	if (reports.length === 0) return;
	await sql.rows(
		`UPDATE sureping.reports r SET state = 'matched', delivery_id = u.delivery_id, forward_at = NULL
		 FROM unnest($1::text[], $2::text[]) AS u (id, delivery_id) WHERE r.id = u.id`,
		valuesOf(['id', 'deliveryId'], reports),
	);
}

export async function setReportsForwarded(sql: Sql, ids: readonly string[]): Promise<void> {
	await sql.rows(
		"UPDATE sureping.reports SET state = 'forwarded', forward_at = NULL WHERE id = ANY($1::text[])",
		[ids],
	);
}

/** The next reports to forward, and those among them that cannot be read. */
export async function reportsToForward(
	sql: Sql,
	now: number,
	limit: number,
): Promise<{ readonly reports: readonly StoredReport[]; readonly broken: readonly Broken[] }> {
	const rows = await sql.rows(
		`SELECT ${columnsOf('reports')} FROM sureping.reports WHERE forward_at <= $1::bigint
		 ORDER BY forward_at, position LIMIT ${limit}`,
		[now],
	);
	const { items: reports, broken } = readEach(rows, toReport);
	return { reports, broken };
}

export async function readReport(sql: Sql, id: string): Promise<StoredReport | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('reports')} FROM sureping.reports WHERE id = $1`,
		[id],
	);
	return row && toReport(row);
}

/** Newest first, without the providers' payloads, which may be long. */
export async function listReports(
	sql: Sql,
	filter: ReportFilter,
	{ after, limit }: PageRequest,
): Promise<Page<ReportSummary>> {
	const { where, most, values } = listed(limit, reportConditions(filter, after));
	const { rows, isCut } = await readLargeRows(
		sql,
		`SELECT id, provider, connection, state, delivery_id, received_at, body
		 FROM sureping.reports ${where} ORDER BY id DESC ${most}`,
		values,
		['body'],
	);
	return toPage(rows, limit, withoutWording, isCut);
}

/** JSON of PostgreSQL has no `\u0000`, which a report's may hold: the members are taken out here. */
function withoutWording(row: Row): ReportSummary {
	const report = toReport(row);
	const { raw: _raw, metadata: _metadata, ...event } = report.event;
	return { ...report, event };
}
