import {
	cancel,
	type NewId,
	type Notification,
	type NotificationStatus,
	type ReceivedEvent,
	type ReceivedType,
	type TokenUse,
	type Transition,
	type WebhookDelivery,
} from '@sureping/engine';
import { type DeliveryGates, OPEN_GATES } from '../delivery-gates.ts';
import type {
	Acceptance,
	AcceptResult,
	Callback,
	DueDelivery,
	DueWebhooks,
	Endpoint,
	EndpointChange,
	EventPage,
	Idempotency,
	NotificationSummary,
	Page,
	PageRequest,
	Replay,
	ReplayRequest,
	ReportFilter,
	ReportOrigin,
	ReportState,
	ReportSummary,
	Store,
	StoredNotification,
	StoredReport,
	StoredWebhook,
	StoredWebhookState,
	TakenReports,
} from '../store.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { storeTurn } from './delivery-rows.ts';
import { deleteEndpoint, readEndpoints, writeEndpoint } from './endpoint-rows.ts';
import { eventsOf, insertEvents, readEvents } from './event-rows.ts';
import { GroupCommit } from './group-commit.ts';
import { findAnswer, forgetAnswers, rememberAnswer } from './idempotency-rows.ts';
import {
	insertNotification,
	listNotifications,
	readNotification,
	updateNotification,
} from './notification-rows.ts';
import { type OpenDatabase, openDatabase } from './open.ts';
import { forgetQuotas, useQuota } from './quota-rows.ts';
import { insertReplay, readReplay, stepReplay } from './replay-rows.ts';
import { forgetTokens, listReports, readReport, useToken } from './report-rows.ts';
import {
	applyWaitingReports,
	forward,
	forwardDueReports,
	type ReportScope,
	REPORTS_TOGETHER,
	sumOf,
	takeReports,
} from './reports.ts';
import { Statements } from './statements.ts';
import { WebhookQueue } from './webhook-queue.ts';
import { listWebhooks } from './webhook-rows.ts';

export { StoreError } from './open.ts';

/** The embedded store: one SQLite file, one process, every commit on disk before anybody is told. */
export class SqliteStore implements Store {
	private readonly database: OpenDatabase;
	private readonly sql: Statements;
	private readonly commits: GroupCommit;
	private readonly newId: NewId;
	private readonly now: () => number;
	private readonly deliveries: DeliveryQueue;
	private readonly queue: WebhookQueue;
	/** All of them, as they are committed: events are matched against them while a transaction is open. */
	private known: readonly Endpoint[];

	/** Throws a `StoreError` when the file cannot be used. */
	constructor(
		file: string,
		{ newId, now, gates = OPEN_GATES }: { newId: NewId; now: () => number; gates?: DeliveryGates },
	) {
		this.database = openDatabase(file);
		this.sql = new Statements(this.database.db);
		this.commits = new GroupCommit(this.database.db);
		this.newId = newId;
		this.now = now;
		this.known = readEndpoints(this.sql);
		this.queue = new WebhookQueue(this.sql, newId);
		this.deliveries = new DeliveryQueue(this.sql, gates);
	}

	accept({
		transition,
		apiKey,
		callbacks = [],
		idempotency,
		quota,
		answer,
	}: Acceptance): Promise<AcceptResult> {
		return this.commits.run(() => {
			const now = transition.notification.createdAt;
			if (idempotency) {
				const earlier = findAnswer(this.sql, apiKey, idempotency, now);
				if (earlier) return earlier;
			}
			if (quota && !useQuota(this.sql, apiKey, quota)) return { result: 'over_quota', answer };
			if (idempotency) rememberAnswer(this.sql, apiKey, idempotency, answer, now);
			const { notification } = transition;
			const bytes = insertNotification(this.sql, notification, apiKey, callbacks);
			this.deliveries.expectAll(notification);
			this.deliveries.remember({ notification, status: 'queued', apiKey, callbacks }, bytes);
			this.insertEvents(transition, callbacks);
			return { result: 'accepted', answer };
		});
	}

	async findAnswer(
		apiKey: string,
		idempotency: Idempotency,
		now: number,
	): Promise<AcceptResult | undefined> {
		return findAnswer(this.sql, apiKey, idempotency, now);
	}

	async claimDeliveries(now: number, limit: number): Promise<readonly DueDelivery[]> {
		// An attempt whose outcome cannot be stored would be repeated.
		if (this.commits.isFailing) await this.probe();
		const { taken, turns } = this.deliveries.claim(now, limit);
		if (turns.size > 0) {
			await this.commits.run(() => {
				for (const [id, at] of turns) storeTurn(this.sql, id, at);
			});
		}
		return taken;
	}

	async update(
		notificationId: string,
		step: (notification: Notification) => Transition,
	): Promise<Transition> {
		const stored = await this.commits.runSoon(() => {
			const record =
				this.deliveries.record(notificationId) ?? readNotification(this.sql, notificationId);
			if (!record) throw new Error(`There is no notification ${notificationId}`);
			const after = step(record.notification);
			updateNotification(this.sql, record.notification, after.notification);
			this.deliveries.expectAll(after.notification);
			this.insertEvents(after, record.callbacks);
			return applyWaitingReports(this.reportScope(), record, after);
		});
		this.deliveries.settled(stored.notification);
		return stored;
	}

	releaseDelivery(deliveryId: string): void {
		this.deliveries.release(deliveryId);
	}

	async nextDeliveryAt(time: number): Promise<number | undefined> {
		return this.deliveries.nextAt(time);
	}

	async claimWebhooks(now: number, limit: number): Promise<readonly DueWebhooks[]> {
		return this.queue.claim(now, limit, this.known);
	}

	async settleWebhooks(deliveries: readonly WebhookDelivery[]): Promise<void> {
		await this.commits.runSoon(() => this.queue.settle(deliveries));
		this.queue.forget(deliveries);
	}

	releaseWebhooks(due: DueWebhooks): void {
		this.queue.release(due);
	}

	async nextWebhookAt(time: number): Promise<number | undefined> {
		return this.queue.nextAt(time);
	}

	async notification(id: string): Promise<StoredNotification | undefined> {
		const record = readNotification(this.sql, id);
		if (!record) return undefined;
		const { notification, status } = record;
		const sending = this.sendingOf(notification);
		return { notification, status, events: eventsOf(this.sql, id), sending };
	}

	async notifications(
		filter: { status?: NotificationStatus | undefined; channel?: string | undefined },
		page: PageRequest,
	): Promise<Page<NotificationSummary>> {
		return listNotifications(this.sql, filter, page);
	}

	cancel(id: string): Promise<'cancelled' | 'nothing' | undefined> {
		return this.commits.run(() => {
			const record = readNotification(this.sql, id);
			if (!record) return undefined;
			const after = cancel(record.notification, this.sendingOf(record.notification));
			if (!after) return 'nothing';
			updateNotification(this.sql, record.notification, after);
			this.deliveries.expectAll(after);
			return 'cancelled';
		});
	}

	async events(
		cursor: string | undefined,
		limit: number,
		types?: readonly ReceivedType[],
	): Promise<EventPage | undefined> {
		return readEvents(this.sql, cursor, limit, types);
	}

	async endpoints(): Promise<readonly Endpoint[]> {
		return this.known;
	}

	addEndpoint(endpoint: Endpoint): Promise<Endpoint | undefined> {
		return this.changeEndpoints(() => {
			if (this.isTaken(endpoint)) return undefined;
			writeEndpoint(this.sql, endpoint);
			return endpoint;
		});
	}

	changeEndpoint(id: string, change: (endpoint: Endpoint) => Endpoint): Promise<EndpointChange> {
		return this.changeEndpoints(() => {
			const before = readEndpoints(this.sql).find((one) => one.id === id);
			if (!before) return { result: 'gone' };
			// Pausing has consequences of its own: see `setEndpointStatus`.
			const endpoint: Endpoint = { ...change(before), id, status: before.status };
			if (this.isTaken(endpoint)) return { result: 'taken' };
			writeEndpoint(this.sql, endpoint);
			return { result: 'changed', endpoint };
		});
	}

	removeEndpoint(id: string): Promise<void> {
		return this.changeEndpoints(() => this.deleteEndpoint(id));
	}

	setEndpointStatus(id: string, status: Endpoint['status']): Promise<void> {
		return this.changeEndpoints(() => {
			const endpoint = readEndpoints(this.sql).find((one) => one.id === id);
			if (!endpoint || endpoint.status === status) return;
			writeEndpoint(this.sql, { ...endpoint, status });
			if (status === 'disabled') this.queue.holdAllOf(id);
			else this.queue.resumeAllOf(id, this.now());
		});
	}

	async removeExpiredEndpoints(now: number): Promise<void> {
		const expired = this.known.filter(({ expiresAt = Infinity }) => expiresAt <= now);
		if (expired.length === 0) return;
		await this.changeEndpoints(() => {
			for (const { id } of expired) this.deleteEndpoint(id);
		});
	}

	async webhooks(
		filter: { state?: StoredWebhookState | undefined; endpointId?: string | undefined },
		page: PageRequest,
	): Promise<Page<StoredWebhook>> {
		return listWebhooks(this.sql, filter, page);
	}

	retryWebhook(id: string): Promise<StoredWebhookState | undefined> {
		return this.commits.run(() => this.queue.retry(id, this.known, this.now()));
	}

	startReplay(request: ReplayRequest): Promise<Replay | undefined> {
		return this.commits.run(() => {
			const endpoint = readEndpoints(this.sql).find(({ id }) => id === request.endpointId);
			if (!endpoint) return undefined;
			return insertReplay(this.sql, request, endpoint, this.newId('rpl'), this.now());
		});
	}

	async replay(id: string): Promise<Replay | undefined> {
		return readReplay(this.sql, id);
	}

	continueReplays(): Promise<boolean> {
		return this.commits.run(() => stepReplay(this.sql, this.known, this.queue, this.now()));
	}

	async takeReports(
		reports: readonly ReceivedEvent[],
		origin: ReportOrigin & { readonly forwardAt?: number | undefined },
	): Promise<TakenReports> {
		const parts: TakenReports[] = [];
		for (let i = 0; i < reports.length; i += REPORTS_TOGETHER) {
			const some = reports.slice(i, i + REPORTS_TOGETHER);
			parts.push(await this.commits.run(() => takeReports(this.reportScope(), origin, some)));
		}
		return sumOf(parts);
	}

	forwardDueReports(): Promise<boolean> {
		return this.commits.run(() => forwardDueReports(this.reportScope()));
	}

	forwardReport(id: string): Promise<ReportState | undefined> {
		return this.commits.run(() => {
			const report = readReport(this.sql, id);
			if (report?.state === 'unmatched') forward(this.reportScope(), report);
			return report?.state;
		});
	}

	async report(id: string): Promise<StoredReport | undefined> {
		return readReport(this.sql, id);
	}

	async reports(filter: ReportFilter, page: PageRequest): Promise<Page<ReportSummary>> {
		return listReports(this.sql, filter, page);
	}

	useToken(origin: ReportOrigin, token: string, bodyHash: string): Promise<TokenUse> {
		return this.commits.run(() => useToken(this.sql, origin, token, bodyHash, this.now()));
	}

	async prune(now: number): Promise<void> {
		await this.commits.run(() => {
			forgetAnswers(this.sql, now);
			forgetTokens(this.sql, now);
			forgetQuotas(this.sql, now);
		});
	}

	async backlog(): Promise<{ deliveries: number; webhooks: number }> {
		const count = (table: 'deliveries' | 'webhook_deliveries'): number =>
			Number(this.sql.get(`SELECT count(*) AS n FROM ${table} WHERE due_at IS NOT NULL`)?.n ?? 0);
		return { deliveries: count('deliveries'), webhooks: count('webhook_deliveries') };
	}

	probe(): Promise<void> {
		return this.commits.run(() => {
			this.sql.run('UPDATE probe SET times = times + 1 WHERE id = 1');
		});
	}

	async close(): Promise<void> {
		this.commits.flush();
		this.database.close();
	}

	/**
	 * Deliveries with an attempt under way. Between an outcome's commit and the end of its claim there is none, which the
	 * number of attempts tells.
	 */
	private sendingOf({ deliveries }: Notification): ReadonlySet<string> {
		const sending = deliveries.filter(({ id, attempts, state }) => {
			// Claimed because its report did not come.
			if (state === 'sent') return false;
			const claimed = this.deliveries.get(id)?.notification.deliveries;
			return claimed?.find((one) => one.id === id)?.attempts.length === attempts.length;
		});
		return new Set(sending.map(({ id }) => id));
	}

	private reportScope(): ReportScope {
		const { sql, newId, queue, deliveries, known: endpoints } = this;
		return { sql, endpoints, newId, now: this.now(), queue, deliveries };
	}

	/** Whether another endpoint of the API has the same URL. */
	private isTaken({ id, url, source }: Endpoint): boolean {
		if (source !== 'api') return false;
		return readEndpoints(this.sql).some(
			(other) => other.source === 'api' && other.url === url && other.id !== id,
		);
	}

	private deleteEndpoint(id: string): void {
		this.queue.cancelAllOf(id);
		deleteEndpoint(this.sql, id);
	}

	/** `known` changes within the transaction, so that events later in the same group meet the new endpoints. */
	private async changeEndpoints<T>(change: () => T): Promise<T> {
		try {
			return await this.commits.run(() => {
				const result = change();
				this.known = readEndpoints(this.sql);
				return result;
			});
		} catch (error) {
			this.known = readEndpoints(this.sql);
			throw error;
		}
	}

	private insertEvents({ events }: Transition, callbacks: readonly Callback[]): void {
		const { sql, queue, known: endpoints } = this;
		insertEvents(sql, events, { endpoints, callbacks, now: this.now(), queue });
	}
}
