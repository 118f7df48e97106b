import {
	MEANINGS,
	partOf,
	type ReceivedEvent,
	type ReceivedType,
	type TokenUse,
} from '@sureping/engine';
import type {
	Page,
	PageRequest,
	ReportFilter,
	ReportOrigin,
	ReportState,
	ReportSummary,
	StoredReport,
} from '../store.ts';
import type { Broken } from './claims.ts';
import { fromJson, optionalText, type Row, word } from './columns.ts';
import { toPage, whereAll } from './pages.ts';
import type { Statements } from './statements.ts';

/** A mail's id without the angle brackets that some write around it (RFC 5322 §3.6.4). */
export function bareId(messageId: string): string {
	return /^<(.+)>$/s.exec(messageId.trim())?.[1] ?? messageId.trim();
}

/** Writes a report that nobody is known to wait for yet; false when it was there before. */
export function insertReport(
	sql: Statements,
	id: string,
	{ provider, connection }: ReportOrigin,
	event: ReceivedEvent,
	now: number,
): boolean {
	const { changes } = sql.run(
		`INSERT INTO reports
		 (id, provider, connection, event_id, message_id, part, type, state, received_at, body)
		 VALUES (?, ?, ?, ?, ?, ?, ?, 'unmatched', ?, ?)
		 ON CONFLICT (provider, connection, event_id) DO NOTHING`,
		id,
		provider,
		connection,
		event.eventId,
		bareId(event.notificationId),
		partOf(event),
		event.type,
		now,
		JSON.stringify(event),
	);
	return changes > 0;
}

/** The event, marked as out of order where its message is further on already. */
export function placed(sql: Statements, connection: string, event: ReceivedEvent): ReceivedEvent {
	const { stage } = MEANINGS[event.type];
	if (stage === undefined) return event;
	const isLate = sql
		.all(
			'SELECT DISTINCT type FROM reports WHERE connection = ? AND message_id = ? AND part = ?',
			connection,
			bareId(event.notificationId),
			partOf(event),
		)
		.some(({ type }) => (MEANINGS[word<ReceivedType>(type)].stage ?? 0) > stage);
	return isLate ? { ...event, final: false, outOfOrder: true } : event;
}

export function setReportMatched(sql: Statements, id: string, deliveryId: string): void {
	sql.run(
		"UPDATE reports SET state = 'matched', delivery_id = ?, forward_at = NULL WHERE id = ?",
		deliveryId,
		id,
	);
}

export function setReportForwarded(sql: Statements, id: string): void {
	sql.run("UPDATE reports SET state = 'forwarded', forward_at = NULL WHERE id = ?", id);
}

export function forwardLater(sql: Statements, id: string, at: number): void {
	sql.run('UPDATE reports SET forward_at = ? WHERE id = ?', at, id);
}

/** Reports that came before the answer to the send that they are about, oldest first. */
export function unmatchedReportsOf(
	sql: Statements,
	connection: string,
	messageId: string,
): readonly StoredReport[] {
	return sql
		.all(
			`SELECT * FROM reports WHERE connection = ? AND message_id = ? AND state = 'unmatched'
			 ORDER BY position`,
			connection,
			bareId(messageId),
		)
		.map(toReport);
}

/** Those whose time has come, and those of them that cannot be read. */
export function reportsToForward(
	sql: Statements,
	now: number,
	limit: number,
): { readonly reports: readonly StoredReport[]; readonly broken: readonly Broken[] } {
	const rows = sql.all(
		'SELECT * FROM reports WHERE forward_at <= ? ORDER BY forward_at, position LIMIT ?',
		now,
		limit,
	);
	const reports: StoredReport[] = [];
	const broken: Broken[] = [];
	for (const row of rows) {
		try {
			reports.push(toReport(row));
		} catch (error) {
			broken.push({ id: String(row.id), error });
		}
	}
	return { reports, broken };
}

/** Puts one aside that cannot be passed on. */
export function buryReport(sql: Statements, id: string): void {
	sql.run('UPDATE reports SET forward_at = NULL WHERE id = ?', id);
}

/** Passes it on with the next ones; false when that was done meanwhile. */
export function exhumeReport(sql: Statements, id: string, now: number): boolean {
	const { changes } = sql.run(
		"UPDATE reports SET forward_at = ? WHERE id = ? AND state = 'unmatched'",
		now,
		id,
	);
	return changes > 0;
}

export function readReport(sql: Statements, id: string): StoredReport | undefined {
	const row = sql.get('SELECT * FROM reports WHERE id = ?', id);
	return row && toReport(row);
}

/** Newest first, without what the provider sent word for word: it may be long. */
export function listReports(
	sql: Statements,
	{ state, provider, connection }: ReportFilter,
	{ after, limit }: PageRequest,
): Page<ReportSummary> {
	const conditions = [
		...(state === undefined ? [] : [{ sql: 'state = ?', value: state }]),
		...(provider === undefined ? [] : [{ sql: 'provider = ?', value: provider }]),
		...(connection === undefined ? [] : [{ sql: 'connection = ?', value: connection }]),
		...(after === undefined ? [] : [{ sql: 'id < ?', value: after }]),
	];
	const rows = sql.all(
		`SELECT id, provider, connection, state, delivery_id, received_at,
			json_remove(body, '$.raw', '$.metadata') AS body
		 FROM reports ${whereAll(conditions)} ORDER BY id DESC LIMIT ?`,
		...conditions.map(({ value }) => value),
		limit + 1,
	);
	return toPage(rows, limit, toReport);
}

function toReport(row: Row): StoredReport {
	const deliveryId = optionalText(row.delivery_id);
	return {
		id: String(row.id),
		provider: word(row.provider),
		connection: String(row.connection),
		state: word<ReportState>(row.state),
		receivedAt: Number(row.received_at),
		event: fromJson(row.body),
		...(deliveryId === undefined ? {} : { deliveryId }),
	};
}

/** Remembers a one-time token with what came with it, and tells whether it was there before. */
export function useToken(
	sql: Statements,
	{ provider, connection }: ReportOrigin,
	token: string,
	bodyHash: string,
	now: number,
): TokenUse {
	const { changes } = sql.run(
		'INSERT INTO inbound_tokens VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
		provider,
		connection,
		token,
		bodyHash,
		now,
	);
	if (changes > 0) return 'first';
	const row = sql.get(
		'SELECT body_hash FROM inbound_tokens WHERE provider = ? AND connection = ? AND token = ?',
		provider,
		connection,
		token,
	);
	return row?.body_hash === bodyHash ? 'same-body' : 'other-body';
}

/** Longer than any provider resends a request, and than any tolerance of its timestamp. */
const TOKENS_KEPT_MS = 72 * 3600 * 1000;

/** Removes up to `most` whose time is over; the result is how many. */
export function forgetTokens(sql: Statements, now: number, most: number): number {
	return sql.run(
		`DELETE FROM inbound_tokens WHERE (provider, connection, token) IN (
			SELECT provider, connection, token FROM inbound_tokens
			WHERE seen_at <= ? ORDER BY seen_at LIMIT ?)`,
		now - TOKENS_KEPT_MS,
		most,
	).changes;
}
