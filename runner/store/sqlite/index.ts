import {
	cancel,
	healthyFrom,
	type NewId,
	type Notification,
	type NotificationStatus,
	operationalEvent,
	type OneTimeToken,
	type OperationalEvent,
	type ProviderId,
	type ReceivedEvent,
	type ReceivedType,
	type TokenUse,
	type Transition,
	type WebhookDelivery,
	type WebhookEvent,
} from '@sureping/engine';
import { type DeliveryGates, OPEN_GATES, type EndpointGates } from '../contract/limits.ts';
import type { DeadLetter, DeadLetterKind, DeadLetters } from '../contract/dead-letters.ts';
import type { DueDelivery, Deliveries } from '../contract/deliveries.ts';
import { type Broken, orBroken, reasonOf } from '../rows/broken-row.ts';
import type { ReadPage } from '../rules/feed-page.ts';
import {
	type Endpoint,
	type EndpointChange,
	type EndpointPlan,
	healthOf,
	type Endpoints,
} from '../contract/endpoints.ts';
import { BrokenRow } from '../contract/errors.ts';
import type { EventPage, EventOrigin, Feed } from '../contract/feed.ts';
import type { Store } from '../contract/index.ts';
import type {
	NotificationSummary,
	StoredNotification,
	Notifications,
} from '../contract/notifications.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { Replay, ReplayRequest, Replays } from '../contract/replays.ts';
import type {
	ReportFilter,
	ReportIntake,
	ReportState,
	ReportSummary,
	StoredReport,
	TakenReports,
	Reports,
} from '../contract/reports.ts';
import type {
	Acceptance,
	AcceptResult,
	KeyPeriod,
	Callback,
	Idempotency,
	Sends,
} from '../contract/sends.ts';
import type { Backlog, Retention, Upkeep } from '../contract/upkeep.ts';
import type {
	DueWebhooks,
	EndpointReview,
	StoredWebhook,
	StoredWebhookState,
	Webhooks,
} from '../contract/webhooks.ts';
import { REPORTS_TOGETHER, sumOf } from '../rules/report-batches.ts';
import { misaligned } from './webhooks/held.ts';
import { bury, listDeadLetters, retryDeadLetter } from './dead-letters.ts';
import { DeliveryQueue } from './deliveries/claims.ts';
import { storeTurn } from './deliveries/rows.ts';
import { deleteEndpoint, readEndpoints, writeEndpoint, writeHealth } from './endpoints/rows.ts';
import {
	eventsOf,
	findOrigin,
	insertEvents,
	positionSince,
	readEvents,
	readOperationalEvents,
} from './feed/rows.ts';
import { GroupCommit } from './db/group-commit.ts';
import { findAnswer, rememberAnswer } from './sends/idempotency.ts';
import {
	insertNotification,
	listNotifications,
	readNotification,
	updateNotification,
} from './notifications/rows.ts';
import { type OpenDatabase, openDatabase } from './db/open.ts';
import { quotaUsed, useQuota } from './sends/quotas.ts';
import { type AboutRules, TELLS_ALL, withAbout } from '../rows/event.ts';
import {
	cancelReplay,
	insertReplay,
	isReplaying,
	planReplay,
	readReplay,
	stepReplay,
} from './replays/rows.ts';
import { listReports, readReport, useToken } from './reports/rows.ts';
import {
	applyWaitingReports,
	forward,
	forwardDueReports,
	type ReportScope,
	takeReports,
} from './reports/take.ts';
import { countBacklog } from './upkeep/backlog.ts';
import { Reader } from './db/reader.ts';
import { PRUNE_START, pruneStep } from './upkeep/retention.ts';
import { Soundness } from './db/soundness.ts';
import { Statements } from './db/statements.ts';
import { WebhookQueue } from './webhooks/claims.ts';
import { listWebhooks, readWebhook } from './webhooks/rows.ts';

/** All nouns together, until each has a file of its own. */
class Parts {
	private readonly database: OpenDatabase;
	private readonly soundness: Soundness;
	private readonly sql: Statements;
	private readonly commits: GroupCommit;
	private readonly reader: Reader;
	private readonly newId: NewId;
	private readonly now: () => number;
	private readonly about: AboutRules;
	private readonly deliveries: DeliveryQueue;
	private readonly queue: WebhookQueue;
	/** Rows that are still to be put aside, because that was not possible when they were found. */
	private readonly unburied = new Map<
		string,
		{ kind: DeadLetterKind; id: string; reason: string }
	>();
	private pruned = PRUNE_START;
	/** All of them, as they are committed: events are matched against them while a transaction is open. */
	private known: readonly Endpoint[];

	/** Throws a `StoreError` when the file cannot be used. */
	constructor(
		file: string,
		{
			newId,
			now,
			gates = OPEN_GATES,
			about = TELLS_ALL,
		}: { newId: NewId; now: () => number; gates?: DeliveryGates; about?: AboutRules },
	) {
		this.database = openDatabase(file);
		this.soundness = new Soundness(file);
		const noticed = (error: unknown): unknown => this.soundness.noticed(error);
		this.sql = new Statements(this.database.db, noticed);
		this.commits = new GroupCommit(this.database.db, this.soundness);
		this.reader = new Reader(file, {}, noticed);
		this.newId = newId;
		this.now = now;
		this.known = readEndpoints(this.sql);
		this.about = about;
		this.queue = new WebhookQueue(this.sql, newId, about);
		this.deliveries = new DeliveryQueue(this.sql, gates);
	}

	accept(acceptance: Acceptance): Promise<AcceptResult> {
		return this.commits.run(() => this.insertAccepted(acceptance));
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
		this.soundness.check();
		if (this.commits.isFailing) await this.probe();
		const { taken, turns, broken } = this.deliveries.claim(now, limit);
		try {
			if (turns.size > 0) {
				await this.commits.run(() => {
					for (const [id, at] of turns) storeTurn(this.sql, id, at);
				});
			}
		} catch (error) {
			// Nobody is told of them.
			for (const { deliveryId } of taken) this.deliveries.release(deliveryId);
			throw error;
		}
		await this.buryBroken('delivery', broken);
		return taken;
	}

	async update(
		notificationId: string,
		step: (notification: Notification) => Transition,
	): Promise<Transition> {
		const stored = await this.commits.runSoon(() => {
			const record =
				this.deliveries.record(notificationId) ??
				orBroken(() => readNotification(this.sql, notificationId));
			if (!record) throw new BrokenRow(`There is no notification ${notificationId}`);
			const after = orBroken(() => step(record.notification));
			updateNotification(this.sql, record.notification, after.notification);
			this.deliveries.expectAll(after.notification);
			this.insertEvents(after.events, record.callbacks, after.notification.depth);
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

	async claimWebhooks(
		now: number,
		limit: number,
		gates?: EndpointGates,
	): Promise<readonly DueWebhooks[]> {
		this.soundness.check();
		const { due, broken } = this.queue.claim(now, limit, this.known, gates);
		await this.buryBroken('webhook', broken);
		return due;
	}

	async settleWebhooks(
		deliveries: readonly WebhookDelivery[],
		review?: EndpointReview,
	): Promise<void> {
		const settle = (): void => this.queue.settle(deliveries);
		await (review
			? this.changeEndpoints(() => {
					settle();
					this.applyReview(review);
				})
			: this.commits.runSoon(settle));
		this.queue.forget(deliveries);
		if (review?.disable) await this.align(review.endpointId);
	}

	async bury(kind: DeadLetterKind, ids: readonly string[], reason: string): Promise<void> {
		await this.commits.run(() => {
			for (const id of ids) bury(this.sql, { kind, id, reason }, this.now(), this.newId);
		});
		if (kind === 'webhook') this.queue.forget(ids.map((id) => ({ id })));
	}

	async deadLetters(
		filter: { kind?: DeadLetterKind | undefined },
		page: PageRequest,
	): Promise<Page<DeadLetter>> {
		return await listDeadLetters(this.reader, filter, page);
	}

	retryDeadLetter(id: string): Promise<'retried' | 'gone' | undefined> {
		return this.commits.run(() => retryDeadLetter(this.sql, id, this.reportScope()));
	}

	releaseWebhooks(due: DueWebhooks): void {
		this.queue.release(due);
	}

	async nextWebhookAt(time: number, gates?: EndpointGates): Promise<number | undefined> {
		return this.queue.nextAt(time, this.known, gates);
	}

	async notification(id: string): Promise<StoredNotification | undefined> {
		return orBroken(() => {
			const record = readNotification(this.sql, id);
			if (!record) return undefined;
			const { notification, status } = record;
			const sending = this.sendingOf(notification);
			const events = eventsOf(this.sql, id).map((one) => withAbout(one, notification, this.about));
			return { notification, status, events, sending };
		});
	}

	async notifications(
		filter: { status?: NotificationStatus | undefined; channel?: string | undefined },
		page: PageRequest,
	): Promise<Page<NotificationSummary>> {
		return await listNotifications(this.reader, filter, page);
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
		return await this.page(await readEvents(this.reader, cursor, limit, types, this.about));
	}

	async cursorSince(time: number): Promise<string> {
		return String(positionSince(this.sql, time));
	}

	async operationalEvents(
		cursor: string | undefined,
		limit: number,
	): Promise<EventPage<OperationalEvent> | undefined> {
		return await this.page(await readOperationalEvents(this.reader, cursor, limit));
	}

	async origin(eventId: string): Promise<EventOrigin | undefined> {
		return findOrigin(this.sql, eventId);
	}

	async endpoints(): Promise<readonly Endpoint[]> {
		return this.known;
	}

	async declareEndpoints(
		plan: (stored: readonly Endpoint[]) => EndpointPlan,
	): Promise<EndpointPlan> {
		const done = await this.changeEndpoints(() => {
			const planned = plan(readEndpoints(this.sql));
			for (const { id } of planned.remove) deleteEndpoint(this.sql, id);
			for (const endpoint of planned.write) writeEndpoint(this.sql, endpoint);
			return planned;
		});
		for (const { id } of done.remove) await this.align(id);
		return done;
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

	async removeEndpoint(id: string): Promise<void> {
		await this.changeEndpoints(() => deleteEndpoint(this.sql, id));
		await this.align(id);
	}

	async setEndpointStatus(id: string, status: Endpoint['status']): Promise<void> {
		await this.changeEndpoints(() => {
			const endpoint = readEndpoints(this.sql).find((one) => one.id === id);
			if (!endpoint || endpoint.status === status) return;
			const now = this.now();
			const health = healthOf(endpoint);
			if (status === 'disabled') {
				writeEndpoint(this.sql, {
					...endpoint,
					status,
					health: { ...health, disabled: 'requested' },
				});
			} else {
				// Another count than any before, also when the clock stood still.
				const since = Math.max(now, health.since + 1);
				writeEndpoint(this.sql, { ...endpoint, status, health: healthyFrom(since) });
			}
			this.known = readEndpoints(this.sql);
			const [type, facts] =
				status === 'disabled'
					? (['endpoint.disabled', { reason: 'requested' }] as const)
					: (['endpoint.enabled', {}] as const);
			this.insertEvents([operationalEvent(type, endpoint, facts, now, this.newId)]);
		});
		await this.align(id);
	}

	async hastenWebhooks(endpointId: string): Promise<void> {
		const now = this.now();
		while (await this.commits.run(() => this.queue.hasten(endpointId, now)));
	}

	async removeExpiredEndpoints(now: number): Promise<void> {
		const expired = this.known.filter(({ expiresAt = Infinity }) => expiresAt <= now);
		if (expired.length === 0) return;
		await this.changeEndpoints(() => {
			for (const { id } of expired) deleteEndpoint(this.sql, id);
		});
		for (const { id } of expired) await this.align(id);
	}

	async webhooks(
		filter: { state?: StoredWebhookState | undefined; endpointId?: string | undefined },
		page: PageRequest,
	): Promise<Page<StoredWebhook>> {
		return await listWebhooks(this.reader, filter, page);
	}

	async webhook(id: string): Promise<StoredWebhook | undefined> {
		return readWebhook(this.sql, id);
	}

	retryWebhook(id: string): Promise<StoredWebhookState | undefined> {
		return this.commits.run(() => this.queue.retry(id, this.known, this.now()));
	}

	async startReplay(request: ReplayRequest): Promise<Replay | undefined> {
		const endpoint = this.known.find(({ id }) => id === request.endpointId);
		if (!endpoint) return undefined;
		const planned = await planReplay(this.sql, request, endpoint, this.reader);
		return await this.commits.run(() => {
			if (!readEndpoints(this.sql).some(({ id }) => id === endpoint.id)) return undefined;
			return insertReplay(this.sql, planned, this.newId('rpl'), this.now());
		});
	}

	async replay(id: string): Promise<Replay | undefined> {
		return readReplay(this.sql, id);
	}

	cancelReplay(id: string): Promise<Replay['status'] | undefined> {
		return this.commits.run(() => cancelReplay(this.sql, id));
	}

	continueReplays(): Promise<boolean> {
		return this.commits.run(() => stepReplay(this.sql, this.known, this.queue, this.now()));
	}

	async isReplaying(): Promise<boolean> {
		return isReplaying(this.sql);
	}

	async takeReports(
		reports: readonly ReceivedEvent[],
		intake: ReportIntake,
	): Promise<TakenReports> {
		const parts: TakenReports[] = [];
		for (let i = 0; i < reports.length; i += REPORTS_TOGETHER) {
			const some = reports.slice(i, i + REPORTS_TOGETHER);
			parts.push(await this.commits.run(() => takeReports(this.reportScope(), intake, some)));
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
		return await listReports(this.reader, filter, page);
	}

	useToken(provider: ProviderId, token: OneTimeToken): Promise<TokenUse> {
		return this.commits.run(() => useToken(this.sql, provider, token, this.now()));
	}

	async prune(now: number, retention: Retention): Promise<boolean> {
		const { sql, pruned } = this;
		// What was begun before a crash.
		if (pruned === PRUNE_START)
			for (const id of misaligned(sql, this.known).keys()) await this.align(id);
		const next = await this.commits.run(() => pruneStep({ sql, now, retention }, pruned));
		this.pruned = next ?? PRUNE_START;
		return next !== undefined;
	}

	async quotaUse(periods: readonly KeyPeriod[]): Promise<readonly number[]> {
		return periods.map(({ apiKey, start }) => quotaUsed(this.sql, apiKey, start));
	}

	async backlog(): Promise<Backlog> {
		return await countBacklog(this.reader);
	}

	probe(): Promise<void> {
		return this.commits.run(() => {
			this.sql.run('UPDATE probe SET times = times + 1 WHERE id = 1');
		});
	}

	async close(): Promise<void> {
		this.commits.flush();
		await this.reader.close();
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

	/**
	 * Brings what is owed to an endpoint in line with what it is by now, part by part: there may be very much, and nobody
	 * should wait for all of it. What is not in line is not sent.
	 */
	private async align(id: string): Promise<void> {
		const step = (): boolean => {
			const endpoint = this.known.find((one) => one.id === id);
			return this.queue.align(id, endpoint?.status ?? 'gone', this.now());
		};
		while (await this.commits.run(step));
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

	private insertAccepted({
		transition,
		apiKey,
		callbacks = [],
		idempotency,
		quota,
		answer,
	}: Acceptance): AcceptResult {
		const { notification } = transition;
		const now = notification.createdAt;
		if (idempotency) {
			const earlier = findAnswer(this.sql, apiKey, idempotency, now);
			if (earlier) return earlier;
		}
		if (quota && !useQuota(this.sql, apiKey, quota)) return { result: 'over_quota', answer };
		if (idempotency) rememberAnswer(this.sql, apiKey, idempotency, answer, now);
		const bytes = insertNotification(this.sql, notification, apiKey, callbacks);
		this.deliveries.expectAll(notification);
		if (notification.sendAt === undefined) {
			this.deliveries.remember({ notification, status: 'queued', apiKey, callbacks }, bytes);
		}
		this.insertEvents(transition.events, callbacks, notification.depth);
		return { result: 'accepted', answer };
	}

	private applyReview({ endpointId, health, disable, events, notices }: EndpointReview): void {
		const endpoint = readEndpoints(this.sql).find(({ id }) => id === endpointId);
		if (endpoint?.status !== 'enabled' || healthOf(endpoint).since !== health.since) return;
		if (disable) {
			writeEndpoint(this.sql, { ...endpoint, status: 'disabled', health });
			this.known = readEndpoints(this.sql);
		} else {
			writeHealth(this.sql, endpointId, health);
		}
		this.insertEvents(events);
		for (const notice of notices) this.insertAccepted(notice);
	}

	/** What the store cannot put aside now is put aside with the next ones. */
	private async buryBroken(kind: DeadLetterKind, broken: readonly Broken[]): Promise<void> {
		for (const { id, error } of broken) {
			this.unburied.set(`${kind} ${id}`, { kind, id, reason: reasonOf(error) });
		}
		const all = [...this.unburied.values()];
		if (all.length === 0) return;
		try {
			await this.commits.run(() => {
				for (const one of all) bury(this.sql, one, this.now(), this.newId);
			});
			for (const { kind, id } of all) this.unburied.delete(`${kind} ${id}`);
			this.queue.forget(all.filter((one) => one.kind === 'webhook'));
		} catch {
			// Whoever tries to store anything else learns what is wrong with the store.
		}
	}

	private async page<Event>(
		read: ReadPage<Event> | undefined,
	): Promise<EventPage<Event> | undefined> {
		if (read === undefined) return undefined;
		const { broken, ...page } = read;
		await this.buryBroken('event', broken);
		return page;
	}

	private insertEvents(
		events: readonly WebhookEvent[],
		callbacks: readonly Callback[] = [],
		depth = 0,
	): void {
		const { sql, queue, known: endpoints } = this;
		insertEvents(sql, events, { endpoints, callbacks, depth, now: this.now(), queue });
	}
}

/** The embedded store: one SQLite file, one process, every commit on disk before anybody is told. */
export class SqliteStore implements Store {
	readonly sends: Sends;
	readonly deliveries: Deliveries;
	readonly webhooks: Webhooks;
	readonly endpoints: Endpoints;
	readonly feed: Feed;
	readonly notifications: Notifications;
	readonly replays: Replays;
	readonly reports: Reports;
	readonly deadLetters: DeadLetters;
	readonly upkeep: Upkeep;
	private readonly parts: Parts;

	/** Throws a `StoreError` when the file cannot be used. */
	constructor(file: string, options: ConstructorParameters<typeof Parts>[1]) {
		const parts = new Parts(file, options);
		this.parts = parts;
		this.sends = {
			accept: (acceptance) => parts.accept(acceptance),
			earlierAnswer: (...asked) => parts.findAnswer(...asked),
			quotaUse: (periods) => parts.quotaUse(periods),
		};
		this.deliveries = {
			claim: (...asked) => parts.claimDeliveries(...asked),
			update: (...asked) => parts.update(...asked),
			release: (id) => parts.releaseDelivery(id),
			nextAt: (time) => parts.nextDeliveryAt(time),
		};
		this.webhooks = {
			claim: (...asked) => parts.claimWebhooks(...asked),
			settle: (...asked) => parts.settleWebhooks(...asked),
			release: (due) => parts.releaseWebhooks(due),
			nextAt: (...asked) => parts.nextWebhookAt(...asked),
			list: (...asked) => parts.webhooks(...asked),
			get: (id) => parts.webhook(id),
			retry: (id) => parts.retryWebhook(id),
			hasten: (id) => parts.hastenWebhooks(id),
		};
		this.endpoints = {
			all: () => parts.endpoints(),
			declare: (plan) => parts.declareEndpoints(plan),
			add: (endpoint) => parts.addEndpoint(endpoint),
			change: (...asked) => parts.changeEndpoint(...asked),
			remove: (id) => parts.removeEndpoint(id),
			setStatus: (...asked) => parts.setEndpointStatus(...asked),
			removeExpired: (now) => parts.removeExpiredEndpoints(now),
		};
		this.feed = {
			read: (...asked) => parts.events(...asked),
			readOperational: (...asked) => parts.operationalEvents(...asked),
			cursorSince: (time) => parts.cursorSince(time),
			origin: (id) => parts.origin(id),
		};
		this.notifications = {
			get: (id) => parts.notification(id),
			list: (...asked) => parts.notifications(...asked),
			cancel: (id) => parts.cancel(id),
		};
		this.replays = {
			start: (request) => parts.startReplay(request),
			get: (id) => parts.replay(id),
			cancel: (id) => parts.cancelReplay(id),
			advance: () => parts.continueReplays(),
			isAnyRunning: () => parts.isReplaying(),
		};
		this.reports = {
			take: (...asked) => parts.takeReports(...asked),
			forwardDue: () => parts.forwardDueReports(),
			forward: (id) => parts.forwardReport(id),
			get: (id) => parts.report(id),
			list: (...asked) => parts.reports(...asked),
			useToken: (...asked) => parts.useToken(...asked),
		};
		this.deadLetters = {
			add: (...asked) => parts.bury(...asked),
			list: (...asked) => parts.deadLetters(...asked),
			requeue: (id) => parts.retryDeadLetter(id),
		};
		this.upkeep = {
			prune: (...asked) => parts.prune(...asked),
			backlog: () => parts.backlog(),
			probe: () => parts.probe(),
		};
	}

	watch(): void {
		// One process owns the file, so there are no others.
	}

	close(): Promise<void> {
		return this.parts.close();
	}
}
