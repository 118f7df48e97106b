import {
	applyReport,
	type OwnEvent,
	forwardedEvent,
	type NewId,
	type Notification,
	type ReceivedEvent,
	type Transition,
} from '@sureping/engine';
import { type Delivered, deliveredBy } from '../../../metrics/time-to-delivered.ts';
import { reasonOf } from '../../rows/broken-row.ts';
import type { NotificationRecord } from '../../rows/notification.ts';
import { bareId, placed, reportKey } from '../../rows/report.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { ReportIntake, StoredReport, TakenReports } from '../../contract/reports.ts';
import { newMessageIds, REPORTS_FORWARDED_TOGETHER } from '../../rules/report-batches.ts';
import { bury } from '../dead-letters.ts';
import type { DeliveryQueue } from '../deliveries/claims.ts';
import { insertEvents, isOurEvent } from '../feed/rows.ts';
import { findDeliveryOf, readNotification, updateNotification } from '../notifications/rows.ts';
import {
	forwardLater,
	insertReport,
	reportsToForward,
	setReportForwarded,
	setReportMatched,
	typesReported,
	unmatchedReportsOf,
} from './rows.ts';
import type { Statements } from '../db/statements.ts';
import type { WebhookQueue } from '../webhooks/claims.ts';

/** What the steps here work with, all within one transaction of the caller's. */
export interface ReportScope {
	readonly sql: Statements;
	readonly endpoints: readonly Endpoint[];
	readonly newId: NewId;
	readonly queue: WebhookQueue;
	readonly deliveries: DeliveryQueue;
	/** Milliseconds since 1970. */
	readonly now: number;
}

/** Keeps each report once and does at once what follows from it. */
export function takeReports(
	scope: ReportScope,
	intake: ReportIntake,
	reports: readonly ReceivedEvent[],
): TakenReports {
	const { sql, newId, now } = scope;
	const { connection, forwardAt, unreadableRepeatsAfterMs } = intake;
	const events: OwnEvent[] = [];
	const delivered: Delivered[] = [];
	const taken = { matched: 0, unmatched: 0, forwarded: 0, repeated: 0 };
	for (const report of reports) {
		const id = newId('rpt');
		const event = placed(report, () => typesReported(sql, connection, report));
		const key = reportKey(report, now, unreadableRepeatsAfterMs);
		if (!insertReport(sql, id, intake, event, key, now)) {
			taken.repeated++;
			continue;
		}
		const found = findDeliveryOf(sql, connection, bareId(report.notificationId));
		const record = found && readNotification(sql, found.notificationId);
		if (record) {
			const transition = apply(scope, record, found.id, { id, event: report });
			events.push(...transition.events);
			delivered.push(...deliveredBy(transition));
			taken.matched++;
		} else if (forwardAt === undefined || isOurEvent(sql, report.eventId)) {
			// An endpoint of this runner that leads back to it would otherwise go round for ever.
			taken.unmatched++;
		} else if (forwardAt <= now) {
			forward(scope, { id, connection, event });
			taken.forwarded++;
		} else {
			forwardLater(sql, id, forwardAt);
			taken.unmatched++;
		}
	}
	return { ...taken, events, delivered };
}

/**
 * Applies the reports that came before the answer of the service whose message they are about: a transition gave its
 * delivery the id that they name.
 */
export function applyWaitingReports(
	scope: ReportScope,
	record: NotificationRecord,
	after: Transition,
): Transition {
	let notification: Notification = after.notification;
	const events = [...after.events];
	const known = newMessageIds(record.notification, after.notification);
	for (const { deliveryId, connection, messageId } of known) {
		for (const report of unmatchedReportsOf(scope.sql, connection, messageId)) {
			const step = apply(scope, { ...record, notification }, deliveryId, report);
			notification = step.notification;
			events.push(...step.events);
		}
	}
	return { notification, events };
}

/** Makes an event of a report, for the feed and for whoever subscribes to its type. */
export function forward(
	{ sql, endpoints, newId, now, queue }: ReportScope,
	{ id, connection, event }: Pick<StoredReport, 'id' | 'connection' | 'event'>,
): void {
	const passedOn = forwardedEvent(event, connection, newId('evt'));
	// It belongs to no send, so nobody named a callback for it.
	insertEvents(sql, [passedOn], { endpoints, callbacks: [], depth: 0, now, queue });
	setReportForwarded(sql, id);
}

/** False when that was the last. */
export function forwardDueReports(scope: ReportScope): boolean {
	const { sql, now, newId } = scope;
	const { reports, broken } = reportsToForward(sql, now, REPORTS_FORWARDED_TOGETHER);
	for (const report of reports) forward(scope, report);
	for (const { id, error } of broken) {
		bury(sql, { kind: 'report', id, reason: reasonOf(error) }, now, newId);
	}
	return reports.length + broken.length === REPORTS_FORWARDED_TOGETHER;
}

function apply(
	{ sql, endpoints, newId, now, queue, deliveries }: ReportScope,
	{ notification, callbacks }: NotificationRecord,
	deliveryId: string,
	{ id, event }: Pick<StoredReport, 'id' | 'event'>,
): Transition {
	const step = applyReport(notification, deliveryId, event, now, { newId });
	if (step.notification !== notification) {
		updateNotification(sql, notification, step.notification);
		deliveries.expectAll(step.notification);
		const { depth } = notification;
		insertEvents(sql, step.events, { endpoints, callbacks, depth, now, queue });
	}
	setReportMatched(sql, id, deliveryId);
	return step;
}
