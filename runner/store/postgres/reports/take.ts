import { type OwnEvent, forwardedEvent, type ReceivedEvent } from '@sureping/engine';
import { type Delivered, deliveredBy } from '../../../metrics/time-to-delivered.ts';
import type { NewRow } from '../../rows/columns.ts';
import { bareId, placed, type ReportKey, reportKey, reportRow } from '../../rows/report.ts';
import type {
	ReportIntake,
	ReportState,
	StoredReport,
	TakenReports,
} from '../../contract/reports.ts';
import { REPORTS_FORWARDED_TOGETHER, sumOf } from '../../rules/report-batches.ts';
import { unmatchedIntake } from '../../rules/report-intake.ts';
import { carrying, type Load } from '../db/carried-load.ts';
import { Changes } from '../notifications/changes.ts';
import { type Sql, StartOver, type Transaction } from '../db/database.ts';
import { type FeedLock, lockFeed } from '../feed/lock.ts';
import { publicationOf, publishLocked } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { addBroken } from '../dead-letters.ts';
import { findDeliveries } from '../notifications/rows.ts';
import {
	knownReports,
	partKey,
	readReport,
	reportsToForward,
	setReportsForwarded,
	typesReported,
} from './rows.ts';
import { inserted, write } from '../db/write-rows.ts';

type Found = Awaited<ReturnType<typeof findDeliveries>>;

/**
 * Stores each report once, with everything that follows from it. Reports on known messages lock their notifications; the
 * others lock the feed, while which no message becomes known. So the report and the answer of the service meet, whichever
 * comes first.
 */
export async function takeReports(
	scope: Scope,
	origin: ReportIntake,
	reports: readonly ReceivedEvent[],
): Promise<TakenReports> {
	const { database } = scope;
	const parts: TakenReports[] = [];
	let left = reports;
	while (left.length > 0) {
		const found = await findDeliveries(database, origin.connection, messagesOf(left));
		const [ours, others] = divide(left, found);
		if (ours.length > 0) {
			parts.push(
				await carrying(scope, (sql, load) => takeOurs(sql, scope, origin, ours, found, load)),
			);
		}
		if (others.length === 0) break;
		const { taken, known } = await database.transaction((sql) =>
			takeOthers(sql, scope, origin, others),
		);
		scope.signals.becameDue();
		parts.push(taken);
		// Their messages became known between the two queries.
		left = known;
	}
	return sumOf(parts);
}

const messagesOf = (reports: readonly ReceivedEvent[]): string[] =>
	reports.map(({ notificationId }) => bareId(notificationId));

function divide(
	reports: readonly ReceivedEvent[],
	found: Found,
): [found: ReceivedEvent[], others: ReceivedEvent[]] {
	const isFound = ({ notificationId }: ReceivedEvent): boolean => found.has(bareId(notificationId));
	return [reports.filter(isFound), reports.filter((report) => !isFound(report))];
}

async function takeOurs(
	sql: Transaction,
	scope: Scope,
	origin: ReportIntake,
	reports: readonly ReceivedEvent[],
	found: Found,
	load: Load,
): Promise<TakenReports> {
	const ids = [...found.values()].map(({ notificationId }) => notificationId);
	const changes = await Changes.lock(sql, scope, ids);
	const fresh = await freshReports(sql, scope, origin, reports);
	const events: OwnEvent[] = [];
	const delivered: Delivered[] = [];
	const rows: NewRow[] = [];
	for (const { id, report, key, event } of fresh) {
		const delivery = found.get(bareId(report.notificationId));
		if (!delivery) continue;
		const { notificationId } = delivery;
		const transition = changes.applyReport(notificationId, delivery.id, { id, event: report });
		events.push(...transition.events);
		delivered.push(...deliveredBy(transition));
		rows.push({
			...reportRow(id, origin, event, key, scope.now()),
			state: 'matched',
			delivery_id: delivery.id,
		});
	}
	// Under the feed lock, as in `takeOthers`: otherwise two processes with the same report could deadlock.
	await changes.write(sql, load);
	await insertReports(sql, rows);
	const repeated = reports.length - fresh.length;
	return { matched: fresh.length, unmatched: 0, forwarded: 0, repeated, events, delivered };
}

async function takeOthers(
	sql: Transaction,
	scope: Scope,
	origin: ReportIntake,
	reports: readonly ReceivedEvent[],
): Promise<{ taken: TakenReports; known: readonly ReceivedEvent[] }> {
	const { connection } = origin;
	const lock = await lockFeed(sql);
	const [known, others] = divide(
		reports,
		await findDeliveries(sql, connection, messagesOf(reports)),
	);
	const fresh = await freshReports(sql, scope, origin, others);
	const isOurs = await ourEvents(
		sql,
		fresh.map(({ report }) => report.eventId),
	);
	const now = scope.now();
	const forwarded: Forwardable[] = [];
	const rows = fresh.map(({ id, report, key, event }): NewRow => {
		const intake = unmatchedIntake(origin, () => isOurs.has(report.eventId), now);
		if (intake.state === 'forwarded') forwarded.push({ connection, event });
		return { ...reportRow(id, origin, event, key, now), ...intake };
	});
	await insertReports(sql, rows);
	await publishReports(sql, lock, scope, forwarded);
	return {
		taken: {
			matched: 0,
			unmatched: fresh.length - forwarded.length,
			forwarded: forwarded.length,
			repeated: others.length - fresh.length,
			events: [],
			delivered: [],
		},
		known,
	};
}

interface FreshReport {
	readonly id: string;
	/** The event as it came. */
	readonly report: ReceivedEvent;
	readonly key: ReportKey;
	/** The event, marked if it is out of order among those on the same part of its message. */
	readonly event: ReceivedEvent;
}

/** The reports that are not stored yet, each once. */
async function freshReports(
	sql: Sql,
	{ newId, now }: Scope,
	origin: ReportIntake,
	reports: readonly ReceivedEvent[],
): Promise<readonly FreshReport[]> {
	const keyed = reports.map((report) => ({
		report,
		key: reportKey(report, now(), origin.unreadableRepeatsAfterMs),
	}));
	const known = await knownReports(
		sql,
		origin,
		keyed.map(({ key }) => key),
	);
	const types = await typesReported(sql, origin.connection, reports);
	return keyed.flatMap(({ report, key }) => {
		if (known.has(key.key)) return [];
		known.add(key.key);
		const earlier = types.get(partKey(report)) ?? [];
		types.set(partKey(report), [...earlier, report.type]);
		return [{ id: newId('rpt'), report, key, event: placed(report, () => earlier) }];
	});
}

async function insertReports(sql: Sql, rows: readonly NewRow[]): Promise<void> {
	const written = await write(
		sql,
		inserted('reports', rows, 'ON CONFLICT DO NOTHING RETURNING 1 AS one'),
	);
	// Another process has stored one of them meanwhile.
	if (written.length < rows.length) throw new StartOver('A report came twice at once');
}

async function ourEvents(sql: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> {
	const rows = await sql.rows('SELECT id FROM sureping.events WHERE id = ANY($1::text[])', [ids]);
	return new Set(rows.map(({ id }) => String(id)));
}

type Forwardable = Pick<StoredReport, 'connection' | 'event'>;

/** Publishes reports as events, for the feed and the subscribers of their types. */
async function publishReports(
	sql: Transaction,
	lock: FeedLock,
	scope: Scope,
	reports: readonly Forwardable[],
): Promise<void> {
	if (reports.length === 0) return;
	const { newId } = scope;
	// They belong to no send, and so to no callback.
	const publications = reports.map(({ event, connection }) =>
		publicationOf(forwardedEvent(event, connection, newId('evt'))),
	);
	const endpoints = await scope.endpoints.at(sql, lock.endpointsVersion);
	await publishLocked(sql, publications, lock, scope, endpoints);
}

/** Forwards a part of the reports that are due; false after the last part. */
export async function forwardDueReports(sql: Transaction, scope: Scope): Promise<boolean> {
	const now = scope.now();
	const [any] = await sql.rows(
		'SELECT 1 AS one FROM sureping.reports WHERE forward_at <= $1::bigint LIMIT 1',
		[now],
	);
	if (!any) return false;
	const lock = await lockFeed(sql);
	const { reports, broken } = await reportsToForward(sql, now, REPORTS_FORWARDED_TOGETHER);
	await publishReports(sql, lock, scope, reports);
	await setReportsForwarded(
		sql,
		reports.map(({ id }) => id),
	);
	await addBroken(sql, scope, 'report', broken);
	return reports.length + broken.length === REPORTS_FORWARDED_TOGETHER;
}

export async function forwardReport(
	sql: Transaction,
	scope: Scope,
	id: string,
): Promise<ReportState | undefined> {
	const lock = await lockFeed(sql);
	const report = await readReport(sql, id);
	if (report?.state === 'unmatched') {
		await publishReports(sql, lock, scope, [report]);
		await setReportsForwarded(sql, [id]);
	}
	return report?.state;
}
