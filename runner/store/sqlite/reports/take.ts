import {
	applyReport,
	type OwnEvent,
	forwardedEvent,
	type Notification,
	type ReceivedEvent,
	type Transition,
} from '@sureping/engine';
import { type Delivered, deliveredBy } from '../../../metrics/time-to-delivered.ts';
import { reasonOf } from '../../rows/broken-row.ts';
import type { NotificationRecord } from '../../rows/notification.ts';
import { bareId, placed, reportKey } from '../../rows/report.ts';
import type { ReportIntake, StoredReport, TakenReports } from '../../contract/reports.ts';
import { newMessageIds, REPORTS_FORWARDED_TOGETHER } from '../../rules/report-batches.ts';
import { unmatchedIntake } from '../../rules/report-intake.ts';
import { addDeadLetter } from '../dead-letters.ts';
import { publish } from '../feed/publish.ts';
import { isOurEvent } from '../feed/rows.ts';
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
import type { Scope } from '../scope.ts';

/** Stores each report once, with its consequences, in a transaction of the caller's. */
export function takeReports(
	scope: Scope,
	intake: ReportIntake,
	reports: readonly ReceivedEvent[],
): TakenReports {
	const { sql, newId } = scope;
	const now = scope.now();
	const { connection, unreadableRepeatsAfterMs } = intake;
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
		} else {
			const { state, forward_at } = unmatchedIntake(
				intake,
				() => isOurEvent(sql, report.eventId),
				now,
			);
			if (state === 'forwarded') forward(scope, { id, connection, event });
			else if (forward_at !== null) forwardLater(sql, id, forward_at);
			taken[state]++;
		}
	}
	return { ...taken, events, delivered };
}

/**
 * Applies the reports that came before the service had answered with the message's id. They could not be matched then;
 * the transition `after` gives the delivery this id, so now they can.
 */
export function applyWaitingReports(
	scope: Scope,
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

/** Publishes a report as an event, for the feed and the subscribers of its type. */
export function forward(
	scope: Scope,
	{ id, connection, event }: Pick<StoredReport, 'id' | 'connection' | 'event'>,
): void {
	// It belongs to no send, so it has no callbacks.
	publish(scope, [forwardedEvent(event, connection, scope.newId('evt'))]);
	setReportForwarded(scope.sql, id);
}

/** Forwards a part of the reports that are due; false when that was the last. */
export function forwardDueReports(scope: Scope): boolean {
	const { reports, broken } = reportsToForward(scope.sql, scope.now(), REPORTS_FORWARDED_TOGETHER);
	for (const report of reports) forward(scope, report);
	for (const { id, error } of broken) {
		addDeadLetter(scope, { kind: 'report', id, reason: reasonOf(error) });
	}
	return reports.length + broken.length === REPORTS_FORWARDED_TOGETHER;
}

function apply(
	scope: Scope,
	{ notification, callbacks }: NotificationRecord,
	deliveryId: string,
	{ id, event }: Pick<StoredReport, 'id' | 'event'>,
): Transition {
	const { sql, deliveryClaims } = scope;
	const step = applyReport(notification, deliveryId, event, scope.now(), scope);
	if (step.notification !== notification) {
		updateNotification(sql, notification, step.notification);
		deliveryClaims.expectAll(step.notification);
		publish(scope, step.events, callbacks, notification);
	}
	setReportMatched(sql, id, deliveryId);
	return step;
}
