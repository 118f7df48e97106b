import { applyReport, isFinal, type Notification, type Transition } from '@sureping/engine';
import { BrokenRow } from '../../contract/errors.ts';
import type { StoredReport } from '../../contract/reports.ts';
import { orBroken, reasonOf } from '../../rows/broken-row.ts';
import type { NotificationRecord } from '../../rows/notification.ts';
import { type KnownMessage, newMessageIds } from '../../rules/report-batches.ts';
import type { Sql, Transaction } from '../db/database.ts';
import type { Load } from '../db/carried-load.ts';
import { writeLater } from '../db/write-rows.ts';
import { lockFeed } from '../feed/lock.ts';
import { type Publication, publishAtOnce, publishLocked } from '../feed/publish.ts';
import { setReportsMatched, unmatchedReportsOf } from '../reports/rows.ts';
import type { Scope } from '../scope.ts';
import { changesOf, endedDeliveries, readRecords } from './rows.ts';

type ChangeScope = Pick<Scope, 'endpoints' | 'leases' | 'newId' | 'now'>;

/** Notifications that a transaction has locked, before and after its steps. */
export class Changes {
	private readonly scope: ChangeScope;
	private readonly before: ReadonlyMap<string, NotificationRecord>;
	private readonly after = new Map<string, Notification>();
	private readonly publications: Publication[] = [];
	private readonly matched: { id: string; deliveryId: string }[] = [];

	private constructor(scope: ChangeScope, before: ReadonlyMap<string, NotificationRecord>) {
		this.scope = scope;
		this.before = before;
	}

	static async lock(sql: Sql, scope: ChangeScope, ids: readonly string[]): Promise<Changes> {
		if (ids.length === 0) return new Changes(scope, new Map());
		const { records, broken } = await readRecords(sql, [...new Set(ids)], 'lock');
		const [first] = broken;
		if (first) throw new BrokenRow(reasonOf(first.error), { cause: first.error });
		return new Changes(scope, records);
	}

	/** Publishes further events with those of the changes. */
	publish(publications: readonly Publication[]): void {
		this.publications.push(...publications);
	}

	/** Applies a step to a notification as the steps before left it. */
	apply(id: string, step: (notification: Notification) => Transition): Transition {
		const record = this.before.get(id);
		if (!record) throw new BrokenRow(`There is no notification ${id}`);
		const transition = orBroken(() => step(this.after.get(id) ?? record.notification));
		this.after.set(id, transition.notification);
		for (const event of transition.events) {
			const { callbacks, notification } = record;
			const { depth } = notification;
			this.publications.push({ event, callbacks, depth, about: notification });
		}
		return transition;
	}

	/** Applies a report on one of its deliveries, and marks the report as matched when the changes are written. */
	applyReport(
		id: string,
		deliveryId: string,
		report: Pick<StoredReport, 'id' | 'event'>,
	): Transition {
		this.matched.push({ id: report.id, deliveryId });
		const { newId } = this.scope;
		return this.apply(id, (now) =>
			applyReport(now, deliveryId, report.event, this.scope.now(), { newId }),
		);
	}

	/**
	 * Writes all changes and publishes their events. If a step made the id of a message known, reports that waited for it are
	 * applied as well; `onReport` gets their results.
	 */
	async write(
		sql: Transaction,
		load: Load,
		onReport: (notificationId: string, transition: Transition) => void = () => undefined,
	): Promise<void> {
		const written = new Map(this.after);
		if ([...this.after.values()].some(isOwed)) load.leavesDue();
		writeLater(sql, changesOf(this.pairs(), this.scope.leases.owner));
		const known = this.newMessages();
		if (this.publications.length === 0 && known.length === 0 && this.matched.length === 0) return;
		const isSimple = this.publications.length > 0 && this.matched.length === 0;
		if (isSimple && publishAtOnce(sql, this.publications, this.scope, known, load)) return;
		load.leavesDue();
		const lock = await lockFeed(sql);
		if (known.length > 0) {
			for (const report of await unmatchedReportsOf(sql, known)) {
				const id = known.find((one) => one.deliveryId === report.deliveryId)?.notificationId;
				if (id !== undefined) onReport(id, this.applyReport(id, report.deliveryId, report));
			}
			writeLater(
				sql,
				changesOf(
					[...this.after].flatMap(([id, after]) => {
						const before = written.get(id);
						return before && before !== after ? [{ before, after }] : [];
					}),
					this.scope.leases.owner,
				),
			);
		}
		await setReportsMatched(sql, this.matched);
		const endpoints = await this.scope.endpoints.at(sql, lock.endpointsVersion);
		await publishLocked(sql, this.publications, lock, this.scope, endpoints);
	}

	/** The ids of deliveries whose attempts have ended. */
	ended(): readonly string[] {
		return this.pairs().flatMap(({ before, after }) => endedDeliveries(before, after));
	}

	private pairs(): { before: Notification; after: Notification }[] {
		return [...this.after].flatMap(([id, after]) => {
			const before = this.before.get(id)?.notification;
			return before ? [{ before, after }] : [];
		});
	}

	private newMessages(): (KnownMessage & { readonly notificationId: string })[] {
		return this.pairs().flatMap(({ before, after }) =>
			newMessageIds(before, after).map((one) => ({ ...one, notificationId: after.id })),
		);
	}
}

/** Something of it is due now or later. */
const isOwed = ({ deliveries }: Notification): boolean =>
	deliveries.some((delivery) => delivery.dueAt !== undefined && !isFinal(delivery));
