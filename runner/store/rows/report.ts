import { MEANINGS, partOf, type ReceivedEvent, type ReceivedType } from '@sureping/engine';
import type { ReportOrigin, ReportState, StoredReport } from '../contract/reports.ts';
import { fromJson, type NewRow, optionalText, type Row, word } from './columns.ts';

/**
 * A mail's id without the angle brackets that some write around it (RFC 5322 §3.6.4). In any id NUL is
 * replaced, because PostgreSQL accepts it in no text.
 */
export function bareId(messageId: string): string {
	const id = messageId.replaceAll('\0', '\ufffd').trim();
	return /^<(.+)>$/s.exec(id)?.[1] ?? id;
}

/** The key that tells a report from others of its entry. */
export interface ReportKey {
	readonly key: string;
	/** A report with this key that was stored after `since` is the same one. */
	readonly earlier?: { readonly key: string; readonly since: number };
}

/** The key of a report. An unreadable one that comes again after `repeatsAfterMs` is a new report; undefined for never. */
export function reportKey(
	{ eventId, unreadable }: ReceivedEvent,
	now: number,
	repeatsAfterMs: number | undefined,
): ReportKey {
	if (!unreadable || repeatsAfterMs === undefined) return { key: eventId };
	const period = Math.floor(now / repeatsAfterMs);
	return {
		key: `${eventId}@${period}`,
		earlier: { key: `${eventId}@${period - 1}`, since: now - repeatsAfterMs },
	};
}

/** The row of an unmatched report. */
export function reportRow(
	id: string,
	{ provider, connection }: ReportOrigin,
	event: ReceivedEvent,
	{ key }: ReportKey,
	now: number,
): NewRow {
	return {
		id,
		provider,
		connection,
		event_id: key,
		message_id: bareId(event.notificationId),
		part: partOf(event),
		type: event.type,
		state: 'unmatched',
		received_at: now,
		body: JSON.stringify(event),
	};
}

/**
 * The event, marked as out of order if its message is further on. `earlier` are the types reported so far on the same
 * delivery of the message (`partOf`).
 */
export function placed(event: ReceivedEvent, earlier: () => readonly string[]): ReceivedEvent {
	const { stage } = MEANINGS[event.type];
	if (stage === undefined) return event;
	const isLate = earlier().some((type) => (MEANINGS[word<ReceivedType>(type)].stage ?? 0) > stage);
	return isLate ? { ...event, final: false, outOfOrder: true } : event;
}

export function toReport(row: Row): StoredReport {
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
