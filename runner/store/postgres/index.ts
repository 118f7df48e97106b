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
} from '@sureping/engine';
import { type DeliveryGates, OPEN_GATES, type EndpointGates } from '../contract/limits.ts';
import type { DeadLetter, DeadLetterKind, DeadLetters } from '../contract/dead-letters.ts';
import type { DueDelivery, Deliveries } from '../contract/deliveries.ts';
import type { Broken } from '../rows/broken-row.ts';
import type { ReadPage } from '../rules/feed-page.ts';
import {
	type Endpoint,
	type EndpointChange,
	type EndpointPlan,
	healthOf,
	type Endpoints,
} from '../contract/endpoints.ts';
import type { EventPage, EventOrigin, Feed } from '../contract/feed.ts';
import type { Store, Watcher } from '../contract/index.ts';
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
import type { Acceptance, AcceptResult, Idempotency, KeyPeriod, Sends } from '../contract/sends.ts';
import { type Backlog, MOST_COUNTED, type Retention, type Upkeep } from '../contract/upkeep.ts';
import type {
	DueWebhooks,
	EndpointReview,
	StoredWebhook,
	StoredWebhookState,
	Webhooks,
} from '../contract/webhooks.ts';
import { toBacklog } from '../rows/backlog.ts';
import { type AboutRules, TELLS_ALL, withAbout } from '../rows/event.ts';
import { REPORTS_TOGETHER, sumOf } from '../rules/report-batches.ts';
import { acceptAll, findAnswer } from './sends/accept.ts';
import { Changes, type Scope } from './notifications/changes.ts';
import { Database, LONG, type Transaction } from './db/database.ts';
import { bury, buryAll, listDeadLetters, retryDeadLetter } from './dead-letters.ts';
import { SharedConnectionLimits } from './db/shared-connection-limits.ts';
import { DeliveryClaims } from './deliveries/claims.ts';
import {
	align,
	alignAll,
	deleteEndpoints,
	hasten,
	isTaken,
	writeEndpoints,
	writeHealth,
} from './endpoints/rows.ts';
import { SharedEndpointLimits } from './db/shared-endpoint-limits.ts';
import {
	eventsOf,
	findOrigin,
	positionSince,
	readFeed,
	readOperationalFeed,
	lockFeed,
	publish,
	publishLocked,
	type Publication,
	publicationOf,
	type FeedLock,
} from './feed/publish.ts';
import { GroupCommit } from './db/group-commit.ts';
import { KnownEndpoints, readEndpoint, readEndpoints } from './endpoints/known.ts';
import { Leases } from './db/leases.ts';
import { migrate } from './db/migrate.ts';
import { changesOf, listNotifications, readRecords, sendingOf } from './notifications/rows.ts';
import { quotaUse } from './sends/quotas.ts';
import { cancelReplay, insertReplay, isReplaying, readReplay, stepReplay } from './replays/rows.ts';
import { listReports, readReport, useToken } from './reports/rows.ts';
import { forwardDueReports, forwardReport, takeReports } from './reports/take.ts';
import { PRUNE_START, pruneStep } from './upkeep/retention.ts';
import { WorkPoll } from './db/work-poll.ts';
import { WebhookClaims } from './webhooks/claims.ts';
import { listWebhooks, readWebhook, retryWebhook, updateWebhooks } from './webhooks/rows.ts';
import { unknownReviews } from './webhooks/reviews.ts';
import type { Wakeups } from './db/wakeups.ts';
import { write } from './db/write-rows.ts';

export interface PostgresOptions {
	/** `postgres://user:password@host/database`; anything that libpq takes after a `?` as far as `pg` knows it. */
	readonly url: string;
	readonly newId: NewId;
	now(): number;
	/** What the connections let through; everything, unless said otherwise. */
	readonly gates?: DeliveryGates;
	/** What events repeat of their notification's text; all of it, unless said otherwise. */
	readonly about?: AboutRules;
	/** Connections of this process. */
	readonly connections?: number;
	/** Called when the database is ready. Without it, workers find what others made due by looking every second. */
	wakeups?(): Wakeups;
	/** The time that all processes share; that of the server, unless given. Milliseconds since 1970. */
	sharedNow?(): number;
}

/** Enough for every kind of group and for what is read meanwhile. */
const CONNECTIONS = 10;

/**
 * One group of a kind at a time: each waits for the feed lock, so more groups at once would only wait for each
 * other.
 */
const GROUPS = { most: 256, atOnce: 1 };

interface Update {
	readonly id: string;
	readonly step: (notification: Notification) => Transition;
}

interface Reviewed {
	readonly deliveries: readonly WebhookDelivery[];
	readonly review: EndpointReview;
}

/** All nouns together, until each has a file of its own. */
class Parts {
	private readonly database: Database;
	private readonly leases: Leases;
	private readonly limits: SharedConnectionLimits;
	private readonly deliveryClaims: DeliveryClaims;
	private readonly webhookClaims: WebhookClaims;
	private readonly scope: Scope;
	private readonly about: AboutRules;
	private readonly workPoll: WorkPoll;
	private readonly wakeups: Wakeups | undefined;
	private isWorker = false;
	private pruned = PRUNE_START;
	private readonly accepting: GroupCommit<Acceptance, AcceptResult>;
	private readonly updating: GroupCommit<Update, Transition>;
	/** What requests taught about their endpoints, with what came of them; tells which of them disabled theirs. */
	private readonly reviewing: GroupCommit<Reviewed, boolean>;
	/** The reviews under way, by endpoint. */
	private readonly reviews = new Map<string, Promise<unknown>>();
	private readonly settling: GroupCommit<readonly WebhookDelivery[], undefined>;

	private constructor(
		database: Database,
		{ url, newId, now, wakeups, gates = OPEN_GATES, about = TELLS_ALL, sharedNow }: PostgresOptions,
	) {
		this.database = database;
		this.leases = new Leases(database, url);
		const { leases } = this;
		const shared = { database, owner: leases.owner, now, sharedNow };
		this.limits = new SharedConnectionLimits({ ...shared, gates });
		this.deliveryClaims = new DeliveryClaims({ database, leases, gates, now, limits: this.limits });
		this.about = about;
		this.webhookClaims = new WebhookClaims(
			database,
			leases,
			new SharedEndpointLimits(shared),
			about,
		);
		this.scope = { endpoints: new KnownEndpoints(), newId, now, owner: leases.owner };
		this.workPoll = new WorkPoll(database);
		this.wakeups = wakeups?.();
		this.accepting = new GroupCommit((some) => this.acceptAll(some), GROUPS);
		this.updating = new GroupCommit((some) => this.updateAll(some), GROUPS);
		this.settling = new GroupCommit((some) => this.settleAll(some), GROUPS);
		this.reviewing = new GroupCommit((some) => this.settleWithReviews(some), {
			...GROUPS,
			waits: false,
		});
	}

	/** Connects and brings the schema up to date. Rejects with `StoreUnavailable` when nobody answers. */
	static async open(options: PostgresOptions): Promise<Parts> {
		const database = new Database(options.url, options.connections ?? CONNECTIONS);
		try {
			await migrate(database);
			const store = new Parts(database, options);
			if (options.gates) store.limits.start();
			return store;
		} catch (error) {
			await database.close();
			throw error;
		}
	}

	watch(watcher: Watcher): void {
		this.isWorker = true;
		this.workPoll.start(watcher);
		this.wakeups?.listen(() => watcher.due());
	}

	async accept(acceptance: Acceptance): Promise<AcceptResult> {
		const result = await this.accepting.add(acceptance);
		// A worker takes what it accepted itself.
		if (!this.isWorker) this.wakeups?.send();
		return result;
	}

	findAnswer(
		apiKey: string,
		idempotency: Idempotency,
		now: number,
	): Promise<AcceptResult | undefined> {
		return findAnswer(this.database, apiKey, idempotency, now);
	}

	async claimDeliveries(now: number, limit: number): Promise<readonly DueDelivery[]> {
		const { taken, broken } = await this.deliveryClaims.take(now, limit);
		const { buried } = await this.buryBroken('delivery', broken);
		for (const { id } of buried) this.deliveryClaims.ended(id);
		for (const { id } of broken) this.deliveryClaims.release(id);
		this.confirm(taken, ({ deliveryId }) => this.releaseDelivery(deliveryId));
		return taken;
	}

	async update(
		notificationId: string,
		step: (notification: Notification) => Transition,
	): Promise<Transition> {
		const updated = this.updating.add({ id: notificationId, step });
		// What an attempt taught about its connection. If that cannot be stored now, the next claim does.
		const learnt = this.limits.storeNews().catch(() => undefined);
		const transition = await updated;
		await learnt;
		return transition;
	}

	releaseDelivery(deliveryId: string): void {
		this.deliveryClaims.release(deliveryId);
	}

	nextDeliveryAt(time: number): Promise<number | undefined> {
		return this.deliveryClaims.nextAt(time);
	}

	async claimWebhooks(
		now: number,
		limit: number,
		gates?: EndpointGates,
	): Promise<readonly DueWebhooks[]> {
		const endpoints = await this.endpoints();
		const { due, broken } = await this.webhookClaims.take(now, limit, endpoints, gates);
		const ids = await this.buryBroken('webhook', broken);
		this.webhookClaims.ended(ids.buried);
		this.webhookClaims.giveBack(ids.left);
		this.confirm(due, (one) => this.releaseWebhooks(one));
		return due;
	}

	async settleWebhooks(
		deliveries: readonly WebhookDelivery[],
		review?: EndpointReview,
	): Promise<void> {
		if (!review) {
			// What follows from an earlier answer, such as that nothing goes there any more, comes first.
			const endpoint = this.webhookClaims.endpointOf(deliveries[0]?.id ?? '');
			await this.reviews.get(endpoint ?? '')?.catch(() => undefined);
			await this.settling.add(deliveries);
			this.webhookClaims.ended(deliveries);
			return;
		}
		const { endpointId } = review;
		const done = this.reviewing.add({ deliveries, review });
		this.reviews.set(endpointId, done);
		const isDisabled = await done.finally(() => {
			if (this.reviews.get(endpointId) === done) this.reviews.delete(endpointId);
		});
		this.webhookClaims.ended(deliveries);
		// There may be much to hold, so only this request waits for it. What is left undone now, `alignAll` does.
		if (isDisabled) {
			await align(this.database, endpointId, 'disabled', this.scope.now()).catch(() => undefined);
		}
	}

	async bury(kind: DeadLetterKind, ids: readonly string[], reason: string): Promise<void> {
		const reasons = new Map(ids.map((id) => [id, reason]));
		await this.database.transaction((sql) => bury(sql, this.scope, kind, reasons));
		if (kind === 'webhook') this.webhookClaims.ended(ids.map((id) => ({ id })));
		if (kind === 'delivery') for (const id of ids) this.deliveryClaims.ended(id);
	}

	deadLetters(
		filter: { kind?: DeadLetterKind | undefined },
		page: PageRequest,
	): Promise<Page<DeadLetter>> {
		return listDeadLetters(this.database, filter, page);
	}

	retryDeadLetter(id: string): Promise<'retried' | 'gone' | undefined> {
		return this.database.transaction((sql) => retryDeadLetter(sql, id, this.scope.now()));
	}

	releaseWebhooks(due: DueWebhooks): void {
		this.webhookClaims.release(due);
	}

	async nextWebhookAt(time: number, gates?: EndpointGates): Promise<number | undefined> {
		return await this.webhookClaims.nextAt(time, await this.endpoints(), gates);
	}

	async notification(id: string): Promise<StoredNotification | undefined> {
		const { records, claimed, broken } = await readRecords(this.database, [id]);
		if (broken[0]) throw broken[0].error;
		const record = records.get(id);
		if (!record) return undefined;
		const { notification, status } = record;
		const past = (await eventsOf(this.database, [id])).get(id) ?? [];
		const events = past.map(({ event }) => withAbout(event, notification, this.about));
		return { notification, status, events, sending: sendingOf(notification, claimed) };
	}

	notifications(
		filter: { status?: NotificationStatus | undefined; channel?: string | undefined },
		page: PageRequest,
	): Promise<Page<NotificationSummary>> {
		return listNotifications(this.database, filter, page);
	}

	cancel(id: string): Promise<'cancelled' | 'nothing' | undefined> {
		return this.database.transaction(async (sql) => {
			const { records, claimed, broken } = await readRecords(sql, [id], 'lock-deliveries');
			if (broken[0]) throw broken[0].error;
			const before = records.get(id)?.notification;
			if (!before) return undefined;
			const after = cancel(before, sendingOf(before, claimed));
			if (!after) return 'nothing';
			await write(sql, changesOf([{ before, after }], this.leases.owner));
			return 'cancelled';
		});
	}

	async events(
		cursor: string | undefined,
		limit: number,
		types?: readonly ReceivedType[],
	): Promise<EventPage | undefined> {
		return await this.page(await readFeed(this.database, cursor, limit, types, this.about));
	}

	async cursorSince(time: number): Promise<string> {
		return String(await positionSince(this.database, time));
	}

	async operationalEvents(
		cursor: string | undefined,
		limit: number,
	): Promise<EventPage<OperationalEvent> | undefined> {
		return await this.page(await readOperationalFeed(this.database, cursor, limit));
	}

	origin(eventId: string): Promise<EventOrigin | undefined> {
		return findOrigin(this.database, eventId);
	}

	endpoints(): Promise<readonly Endpoint[]> {
		return this.scope.endpoints.current(this.database);
	}

	async declareEndpoints(
		plan: (stored: readonly Endpoint[]) => EndpointPlan,
	): Promise<EndpointPlan> {
		const done = await this.database.transaction(async (sql) => {
			// Of processes that start together, the first writes and the others find it done.
			await lockFeed(sql);
			const planned = plan((await readEndpoints(sql)).endpoints);
			const gone = planned.remove.map(({ id }) => id);
			if (gone.length > 0) await deleteEndpoints(sql, gone);
			if (planned.write.length > 0) await writeEndpoints(sql, planned.write);
			return planned;
		});
		for (const { id } of done.remove) await align(this.database, id, 'gone', this.scope.now());
		return done;
	}

	addEndpoint(endpoint: Endpoint): Promise<Endpoint | undefined> {
		return this.database.transaction(async (sql) => {
			await lockFeed(sql);
			if (await isTaken(sql, endpoint)) return undefined;
			await writeEndpoints(sql, [endpoint]);
			return endpoint;
		});
	}

	changeEndpoint(id: string, change: (endpoint: Endpoint) => Endpoint): Promise<EndpointChange> {
		return this.database.transaction(async (sql): Promise<EndpointChange> => {
			await lockFeed(sql);
			const before = await readEndpoint(sql, id);
			if (!before) return { result: 'gone' };
			// Pausing has consequences of its own: see `setEndpointStatus`.
			const endpoint: Endpoint = { ...change(before), id, status: before.status };
			if (await isTaken(sql, endpoint)) return { result: 'taken' };
			await writeEndpoints(sql, [endpoint]);
			return { result: 'changed', endpoint };
		});
	}

	async removeEndpoint(id: string): Promise<void> {
		await this.database.transaction(async (sql) => {
			await lockFeed(sql);
			await deleteEndpoints(sql, [id]);
		});
		await align(this.database, id, 'gone', this.scope.now());
	}

	async setEndpointStatus(id: string, status: Endpoint['status']): Promise<void> {
		const now = this.scope.now();
		const isChanged = await this.database.transaction(async (sql) => {
			const lock = await lockFeed(sql);
			const endpoint = await readEndpoint(sql, id);
			if (!endpoint || endpoint.status === status) return false;
			const health = healthOf(endpoint);
			if (status === 'disabled') {
				await writeEndpoints(sql, [
					{ ...endpoint, status, health: { ...health, disabled: 'requested' } },
				]);
			} else {
				// Another count than any before, also when the clock stood still.
				const since = Math.max(now, health.since + 1);
				await writeEndpoints(sql, [{ ...endpoint, status, health: healthyFrom(since) }]);
			}
			const [type, facts] =
				status === 'disabled'
					? (['endpoint.disabled', { reason: 'requested' }] as const)
					: (['endpoint.enabled', {}] as const);
			const event = operationalEvent(type, endpoint, facts, now, this.scope.newId);
			await this.publishChange(sql, lock, [publicationOf(event)]);
			return true;
		});
		if (isChanged) await align(this.database, id, status, now);
	}

	hastenWebhooks(endpointId: string): Promise<void> {
		return hasten(this.database, endpointId, this.scope.now());
	}

	async removeExpiredEndpoints(now: number): Promise<void> {
		for (const { id, expiresAt = Infinity } of await this.endpoints()) {
			if (expiresAt <= now) await this.removeEndpoint(id);
		}
	}

	webhooks(
		filter: { state?: StoredWebhookState | undefined; endpointId?: string | undefined },
		page: PageRequest,
	): Promise<Page<StoredWebhook>> {
		return listWebhooks(this.database, filter, page);
	}

	webhook(id: string): Promise<StoredWebhook | undefined> {
		return readWebhook(this.database, id);
	}

	retryWebhook(id: string): Promise<StoredWebhookState | undefined> {
		return this.database.transaction((sql) => retryWebhook(sql, id, this.scope.now()));
	}

	startReplay(request: ReplayRequest): Promise<Replay | undefined> {
		const { newId, now } = this.scope;
		return this.database.transaction(async (sql) => {
			const endpoint = await readEndpoint(sql, request.endpointId);
			return endpoint && (await insertReplay(sql, request, endpoint, newId('rpl'), now()));
		}, LONG);
	}

	replay(id: string): Promise<Replay | undefined> {
		return readReplay(this.database, id);
	}

	cancelReplay(id: string): Promise<Replay['status'] | undefined> {
		return this.database.transaction((sql) => cancelReplay(sql, id));
	}

	continueReplays(): Promise<boolean> {
		const { endpoints, newId, now } = this.scope;
		return this.database.transaction((sql) => stepReplay(sql, endpoints, newId, now()), LONG);
	}

	isReplaying(): Promise<boolean> {
		return isReplaying(this.database);
	}

	async takeReports(
		reports: readonly ReceivedEvent[],
		intake: ReportIntake,
	): Promise<TakenReports> {
		const parts: TakenReports[] = [];
		for (let i = 0; i < reports.length; i += REPORTS_TOGETHER) {
			const some = reports.slice(i, i + REPORTS_TOGETHER);
			parts.push(await takeReports(this.database, this.scope, intake, some));
		}
		return sumOf(parts);
	}

	forwardDueReports(): Promise<boolean> {
		return this.database.transaction((sql) => forwardDueReports(sql, this.scope));
	}

	forwardReport(id: string): Promise<ReportState | undefined> {
		return this.database.transaction((sql) => forwardReport(sql, this.scope, id));
	}

	report(id: string): Promise<StoredReport | undefined> {
		return readReport(this.database, id);
	}

	reports(filter: ReportFilter, page: PageRequest): Promise<Page<ReportSummary>> {
		return listReports(this.database, filter, page);
	}

	useToken(provider: ProviderId, token: OneTimeToken): Promise<TokenUse> {
		return useToken(this.database, provider, token, this.scope.now());
	}

	async prune(now: number, retention: Retention): Promise<boolean> {
		const { database, pruned } = this;
		if (pruned === PRUNE_START) await alignAll(database, now);
		const next = await pruneStep({ database, now, retention }, pruned);
		this.pruned = next ?? PRUNE_START;
		return next !== undefined;
	}

	async quotaUse(periods: readonly KeyPeriod[]): Promise<readonly number[]> {
		return await quotaUse(this.database, periods);
	}

	async backlog(): Promise<Backlog> {
		const count = (table: 'deliveries' | 'webhook_deliveries'): string =>
			`((SELECT count(*) FROM sureping.${table} WHERE due_at IS NOT NULL AND owner IS NULL)
			 + (SELECT count(*) FROM sureping.${table} WHERE due_at IS NOT NULL AND owner IS NOT NULL))`;
		const inState = (state: 'held' | 'exhausted'): string => `(SELECT count(*) FROM (
			SELECT 1 FROM sureping.webhook_deliveries WHERE state = '${state}' LIMIT ${MOST_COUNTED}
		) AS w) AS ${state}`;
		const [row] = await this.database.rows(
			`SELECT ${count('deliveries')} AS deliveries, ${count('webhook_deliveries')} AS webhooks,
			 (SELECT min(owed_since) FROM sureping.deliveries WHERE due_at IS NOT NULL AND lane <> '')
			 AS deliveries_since,
			 (SELECT min(id) FROM sureping.webhook_deliveries WHERE state = 'pending') AS oldest_webhook,
			 ${inState('held')}, ${inState('exhausted')},
			 (SELECT count(*) FROM sureping.dead_letters) AS dead_letters`,
			[],
			LONG,
		);
		return toBacklog(row);
	}

	async probe(): Promise<void> {
		await this.database.rows('UPDATE sureping.probe SET times = times + 1 WHERE id = 1');
	}

	async close(): Promise<void> {
		this.workPoll.stop();
		this.limits.stop();
		await Promise.all([
			this.accepting.end(),
			this.updating.end(),
			this.settling.end(),
			this.reviewing.end(),
		]);
		// A database that is away gets its claims back when their lease is over.
		await this.leases.end().catch(() => undefined);
		await this.wakeups?.stop().catch(() => undefined);
		await this.database.close();
	}

	/** Putting aside what is broken may have taken longer than the lease lasts: then nothing of the claim is started. */
	private confirm<Taken>(taken: readonly Taken[], release: (one: Taken) => void): void {
		try {
			this.leases.confirm();
		} catch (error) {
			for (const one of taken) release(one);
			throw error;
		}
	}

	private acceptAll(acceptances: readonly Acceptance[]): Promise<readonly AcceptResult[]> {
		return this.database.transaction(async (sql) => {
			const { results, accepted } = await acceptAll(sql, acceptances);
			await publish(sql, accepted.flatMap(publicationsOf), this.scope);
			return results;
		});
	}

	/** Events that follow from a change to an endpoint, in the transaction that makes it. */
	private async publishChange(
		sql: Transaction,
		lock: FeedLock,
		publications: readonly Publication[],
	): Promise<void> {
		if (publications.length === 0) return;
		const { endpoints } = await readEndpoints(sql);
		await publishLocked(sql, publications, lock, this.scope, endpoints);
	}

	private async updateAll(updates: readonly Update[]): Promise<readonly Transition[]> {
		const { transitions, ended } = await this.database.transaction(async (sql) => {
			const ids = updates.map(({ id }) => id);
			const changes = await Changes.lock(sql, this.scope, ids);
			const transitions = updates.map(({ id, step }) => changes.apply(id, step));
			await changes.write(sql, (id, { notification, events }) => {
				// Whoever made the message known is told what came of its reports.
				const i = ids.lastIndexOf(id);
				const before = transitions[i];
				if (before) transitions[i] = { notification, events: [...before.events, ...events] };
			});
			return { transitions, ended: changes.ended() };
		});
		for (const id of ended) this.deliveryClaims.ended(id);
		return transitions;
	}

	private async settleAll(groups: readonly (readonly WebhookDelivery[])[]): Promise<undefined[]> {
		await updateWebhooks(this.database, groups.flat(), this.leases.owner);
		return groups.map(() => undefined);
	}

	/** Stores what requests taught about their endpoints together with what came of them, in the order in which they ended. */
	private async settleWithReviews(some: readonly Reviewed[]): Promise<boolean[]> {
		const disabling = await this.database.transaction(async (sql) => {
			const deliveries = some.flatMap((one) => one.deliveries);
			await updateWebhooks(sql, deliveries, this.leases.owner);
			const lock = await lockFeed(sql);
			const reviews = await unknownReviews(
				sql,
				some.map(({ review }) => review),
			);
			const disabling = new Set<EndpointReview>();
			const notices: Acceptance[] = [];
			const publications: Publication[] = [];
			for (const [id, all] of Map.groupBy(reviews, ({ endpointId }) => endpointId)) {
				const endpoint = await readEndpoint(sql, id);
				if (endpoint?.status !== 'enabled') continue;
				const { since } = healthOf(endpoint);
				const ofThisCount = all.filter(({ health }) => health.since === since);
				// What comes after its end does not count any more.
				const end = ofThisCount.findIndex(({ disable }) => disable);
				const counted = end < 0 ? ofThisCount : ofThisCount.slice(0, end + 1);
				const last = counted.at(-1);
				if (!last) continue;
				const { health, disable } = last;
				if (disable) await writeEndpoints(sql, [{ ...endpoint, status: 'disabled', health }]);
				else await writeHealth(sql, id, health);
				if (disable) disabling.add(last);
				notices.push(...counted.flatMap((one) => one.notices));
				publications.push(...counted.flatMap((one) => one.events.map(publicationOf)));
			}
			const { accepted } = await acceptAll(sql, notices);
			await this.publishChange(sql, lock, [...publications, ...accepted.flatMap(publicationsOf)]);
			return disabling;
		});
		return some.map(({ review }) => disabling.has(review));
	}

	/** What the store cannot put aside now is `left`, to be found again. */
	private async buryBroken(
		kind: DeadLetterKind,
		broken: readonly Broken[],
	): Promise<{ readonly buried: readonly { id: string }[]; readonly left: readonly string[] }> {
		if (broken.length === 0) return { buried: [], left: [] };
		try {
			await this.database.transaction((sql) => buryAll(sql, this.scope, kind, broken));
			return { buried: broken, left: [] };
		} catch {
			// Whoever tries to store anything else learns what is wrong with the store.
			return { buried: [], left: broken.map(({ id }) => id) };
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
}

/** The events of what was accepted. */
const publicationsOf = ({ transition, callbacks = [] }: Acceptance): Publication[] =>
	transition.events.map((event) => ({
		event,
		callbacks,
		depth: transition.notification.depth,
	}));

/**
 * The store of several processes: a PostgreSQL database. Everything that a process knows in memory is a hint or a claim
 * that ends with it; the rows are the truth.
 */
export class PostgresStore implements Store {
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

	private constructor(parts: Parts) {
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

	/** Connects and brings the schema up to date. Rejects with `StoreUnavailable` when nobody answers. */
	static async open(options: PostgresOptions): Promise<PostgresStore> {
		return new PostgresStore(await Parts.open(options));
	}

	watch(watcher: Watcher): void {
		this.parts.watch(watcher);
	}

	close(): Promise<void> {
		return this.parts.close();
	}
}
