import {
	type Acknowledgement,
	type OwnEvent,
	type EndpointHealth,
	type FeedEvent,
	type Gate,
	healthyFrom,
	type Notification,
	type NotificationStatus,
	type OneTimeToken,
	type OperationalEvent,
	type ProfileId,
	type ProviderId,
	type ReceivedEvent,
	type ReceivedType,
	type ReportType,
	type RequestRate,
	type RetryPolicy,
	type Subscription,
	type TokenUse,
	type Transition,
	type WebhookDelivery,
	type WebhookEvent,
} from '@sureping/engine';
import type { Delivered } from '../delivered.ts';
import type { EventOrigin } from './rows/event-origin.ts';

/** A URL that subscribes to delivery events. */
export interface Endpoint extends Subscription {
	readonly id: string;
	readonly name: string;
	readonly url: string;
	/** Absent where the profile signs nothing. */
	readonly secret?: string;
	/** Sign as well until their time is over, where the profile allows that; the newest first. */
	readonly previousSecrets?: readonly PreviousSecret[];
	/** Nobody named its events: it has those that its format gave when it was made or changed. */
	readonly hasDefaultEvents?: boolean;
	/** Go with every request, and may hold secrets. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly rateLimit?: RequestRate;
	/** Events go together: so many, or what came within so many milliseconds. */
	readonly batch?: Batch;
	readonly ack: Acknowledgement;
	readonly policy: RetryPolicy;
	/** What is owed to a disabled endpoint is held until it is enabled. */
	readonly status: 'enabled' | 'disabled';
	/** As it was when it last changed for the worse or the better; absent while it never did. */
	readonly health?: EndpointHealth;
	/** Endpoints from the config file are the operator's: their URLs are trusted, and the API does not change them. */
	readonly source: 'config' | 'api';
	readonly createdAt: number;
	/** An endpoint for a moment, such as an editor that listens for a test event, is removed by itself. */
	readonly expiresAt?: number;
}

export interface PreviousSecret {
	readonly secret: string;
	readonly until: number;
}

export interface Batch {
	readonly maxEvents: number;
	readonly maxWaitMs: number;
}

/** What is known of its answers, as its row has it. */
export function healthOf({ health, createdAt }: Endpoint): EndpointHealth {
	return health ?? healthyFrom(createdAt);
}

/** A URL that a send itself named for the events of its notification. */
export interface Callback {
	readonly url: string;
	readonly profile: ProfileId;
	readonly reportType: ReportType;
	/** The send's own; without it, the `webhook_secret` of this API key signs where the profile needs one. */
	readonly secret?: string;
	readonly apiKey: string;
}

/** `taken`: another endpoint has the URL. */
export type EndpointChange =
	| { readonly result: 'changed'; readonly endpoint: Endpoint }
	| { readonly result: 'taken' | 'gone' };

export interface Idempotency {
	readonly key: string;
	/** Of the canonical body, so that the same key with another body is noticed. */
	readonly bodyHash: string;
}

export const WEBHOOK_STATES = [
	'pending',
	'held',
	'delivered',
	'exhausted',
	'cancelled',
	/** It cannot be read or written as a request: see its dead letter. */
	'dead',
] as const;
export type StoredWebhookState = (typeof WEBHOOK_STATES)[number];

/** A webhook delivery as lists show it. */
export interface StoredWebhook {
	readonly id: string;
	readonly state: StoredWebhookState;
	readonly attempts: WebhookDelivery['attempts'];
	readonly dueAt?: number;
	readonly event: WebhookEvent;
	readonly endpointId?: string;
	readonly callbackUrl?: string;
}

export interface NotificationSummary {
	readonly id: string;
	readonly status: NotificationStatus;
	readonly createdAt: number;
	readonly channels: readonly string[];
}

/** Part of a list, newest first. `nextCursor` is absent at its end. */
export interface Page<T> {
	readonly items: readonly T[];
	readonly nextCursor?: string;
}

export interface PageRequest {
	/** The `nextCursor` of the page before. */
	readonly after?: string | undefined;
	readonly limit: number;
}

/** Which past events go to an endpoint once more. Times in milliseconds since 1970. */
export interface ReplayRequest {
	readonly endpointId: string;
	readonly since?: number | undefined;
	/** A position in the event feed, as `GET /events` gives it. */
	readonly cursor?: string | undefined;
	readonly until?: number | undefined;
	readonly types?: readonly ReceivedType[] | undefined;
	/** Only events whose webhook was given up, and not delivered since. */
	readonly onlyFailed: boolean;
}

export interface Replay {
	readonly id: string;
	readonly endpointId: string;
	readonly status: 'running' | 'done' | 'cancelled';
	/** Events done so far, and how many it will be; those that the endpoint's format has no word for are passed over. */
	readonly replayed: number;
	readonly total: number;
	readonly createdAt: number;
}

/** Who reported, and under which name. */
export interface ReportOrigin {
	readonly provider: ProviderId;
	readonly connection: string;
}

/** How reports are to be taken. */
export interface ReportIntake extends ReportOrigin {
	/** When those on no message of ours are passed on; milliseconds since 1970. Undefined for never. */
	readonly forwardAt?: number | undefined;
	/** When an unreadable one that comes again is another one; milliseconds. Undefined for never. */
	readonly unreadableRepeatsAfterMs?: number | undefined;
}

/** `matched`: on a message of ours. `unmatched`: on none that is known. `forwarded`: on none, and passed on as an event. */
export const REPORT_STATES = ['matched', 'unmatched', 'forwarded'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** A provider's report on a message, as lists show it. */
export interface ReportSummary extends ReportOrigin {
	readonly id: string;
	readonly state: ReportState;
	/** The delivery that it is about, when matched. */
	readonly deliveryId?: string;
	readonly receivedAt: number;
	readonly event: Omit<ReceivedEvent, 'raw' | 'metadata'>;
}

export interface StoredReport extends ReportSummary {
	readonly event: ReceivedEvent;
}

export interface ReportFilter {
	readonly state?: ReportState | undefined;
	readonly provider?: string | undefined;
	readonly connection?: string | undefined;
}

/** What became of a request's reports, counted, and the delivery events that followed. */
export interface TakenReports {
	readonly matched: number;
	readonly unmatched: number;
	readonly forwarded: number;
	/** Those that were there already. */
	readonly repeated: number;
	readonly events: readonly OwnEvent[];
	readonly delivered: readonly Delivered[];
}

/** What `POST /send` tells its caller. */
export interface SendAnswer {
	readonly notification_id: string;
	readonly status: 'queued';
	readonly deliveries: { id: string; channel: string; recipient: string }[];
}

/** What an API key may send between two times (milliseconds since 1970). */
export interface QuotaPeriod {
	readonly start: number;
	readonly end: number;
	readonly most: number;
}

/** A period of an API key's quota, by when it begins (milliseconds since 1970). */
export interface KeyPeriod {
	readonly apiKey: string;
	readonly start: number;
}

/** A new notification and what it was asked with. */
export interface Acceptance {
	readonly transition: Transition;
	readonly apiKey: string;
	readonly callbacks?: readonly Callback[];
	readonly idempotency?: Idempotency | undefined;
	/** What is left of it is counted in the same transaction; a repeat does not count. */
	readonly quota?: QuotaPeriod | undefined;
	/** What the caller is told, and told again when it repeats the request. */
	readonly answer: SendAnswer;
}

export interface AcceptResult {
	/** `conflict`: the idempotency key was used with another body. `over_quota`: nothing was stored. */
	readonly result: 'accepted' | 'repeated' | 'conflict' | 'over_quota';
	/** For `repeated` and `conflict` the first answer. */
	readonly answer: SendAnswer;
}

export interface DueDelivery {
	readonly notification: Notification;
	readonly deliveryId: string;
	/** How long it was held back because its connection was down; milliseconds. */
	readonly heldMs: number;
	/** Its connection's pause lasts too long for it: it fails, without its last attempt. */
	readonly isTooLate: boolean;
}

/** An endpoint's own rules apply, or those of its profile to a send's callback. */
export type WebhookTarget = { readonly endpoint: Endpoint } | { readonly callback: Callback };

/** One request's worth of webhook deliveries: one, or a batch in the order of its events. */
export interface DueWebhooks {
	readonly to: WebhookTarget;
	readonly deliveries: readonly {
		readonly delivery: WebhookDelivery;
		readonly event: WebhookEvent;
	}[];
}

/** How much is owed, and how much of ours is put aside. */
export interface Backlog {
	readonly deliveries: number;
	/** Since when the oldest of them is owed, other than a report: its acceptance or its `send_at`, which may be to come. */
	readonly deliveriesSince?: number | undefined;
	readonly webhooks: number;
	/** Since when the oldest of them is owed. */
	readonly webhooksSince?: number | undefined;
	/** Webhooks for endpoints that are disabled; counted up to `MOST_COUNTED`. */
	readonly held: number;
	/** Webhooks that were given up; counted up to `MOST_COUNTED`. */
	readonly exhausted: number;
	readonly deadLetters: number;
}

/** What may be there for weeks is not counted to its end each time that somebody asks. */
export const MOST_COUNTED = 10_000;

export interface StoredNotification {
	readonly notification: Notification;
	readonly status: NotificationStatus;
	readonly events: readonly OwnEvent[];
	/** Deliveries with an attempt under way right now. */
	readonly sending: ReadonlySet<string>;
}

export interface EventPage<Event = FeedEvent> {
	readonly events: readonly Event[];
	/** Where the next page starts; also when this one is empty. */
	readonly nextCursor: string;
	/** Events after the cursor are not kept any more; then the page is empty and starts again at the oldest. */
	readonly isPruned?: true;
}

/** What holds requests to endpoints back at this moment. */
export interface Gates {
	/** Undefined where nothing does. */
	of(endpoint: Endpoint): Gate | undefined;
	/** A request to it starts now. */
	started(endpoint: Endpoint): void;
	/** Its requests are counted by all processes together: it has a rate, or is probed. */
	takesTurns(endpoint: Endpoint): boolean;
	/** What all processes know replaces what was known here. */
	adopt(endpoint: Endpoint, requests: EndpointRequests): void;
	/** What they are to know. */
	share(endpoint: Endpoint): EndpointRequests;
}

/** The requests to an endpoint that hold others back. Milliseconds since 1970. */
export interface EndpointRequests {
	/** When those began that its rate still counts, oldest first. */
	readonly starts: readonly number[];
	/** Nothing is sent before this while its breaker is open. */
	readonly probeAt?: number | undefined;
}

/** What a request taught about its endpoint. */
export interface EndpointReview {
	readonly endpointId: string;
	/** Kept where it is of the count that goes on now (`since`) and the endpoint is enabled; the rest follows only then. */
	readonly health: EndpointHealth;
	/** What is owed to it is held from now on. */
	readonly disable: boolean;
	readonly events: readonly OperationalEvent[];
	/** Notifications of the operator. */
	readonly notices: readonly Acceptance[];
}

/** How the endpoints of the config file change. */
export interface EndpointPlan {
	/** New, or stored with other settings; written as they are, status and health included. */
	readonly write: readonly Endpoint[];
	/** Their pending webhook deliveries are cancelled. */
	readonly remove: readonly Endpoint[];
}

export const DEAD_LETTER_KINDS = ['delivery', 'webhook', 'report', 'event'] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

/** Something of ours that cannot be read, or that a fault of ours does not let be done. Nothing of it is lost. */
export interface DeadLetter {
	readonly id: string;
	readonly kind: DeadLetterKind;
	/** The row's id. */
	readonly of: string;
	/** What went wrong, for the operator. */
	readonly reason: string;
	readonly createdAt: number;
}

/** What is stored cannot be read, or not be taken a step further: trying again changes nothing. */
export class BrokenRow extends Error {
	override readonly name = 'BrokenRow';
}

/** How long what has ended is kept, in milliseconds; undefined: for ever. */
export interface Retention {
	readonly eventsMs: number | undefined;
	readonly notificationsMs: number | undefined;
	readonly webhookDeliveriesMs: number | undefined;
	/** What a disabled endpoint is owed. */
	readonly heldMs?: number | undefined;
	readonly reportsMs: number | undefined;
}

/** What a worker does when there may be something to do that it did not bring about itself. */
export interface Watcher {
	/** Deliveries or webhooks may be due. */
	due(): void;
	/** A replay is running. */
	replays(): void;
}

/**
 * Where a runner keeps everything. A promise that resolves means: durable; one that rejects with a `StoreUnavailable`:
 * nothing was stored (unless it `isUnknown`), and later it will be. Changes to one notification are serialised.
 * The rows are the truth: after a crash, what was due is due again.
 */
export interface Store {
	accept(acceptance: Acceptance): Promise<AcceptResult>;
	findAnswer(
		apiKey: string,
		idempotency: Idempotency,
		now: number,
	): Promise<AcceptResult | undefined>;

	/** Takes due deliveries, most urgent first; nobody else gets them until they are updated or released. */
	claimDeliveries(now: number, limit: number): Promise<readonly DueDelivery[]>;
	/**
	 * Applies a step to the notification as it is now and stores the result with its events and the webhook
	 * deliveries that follow. Rejects with a `BrokenRow` when the notification cannot be read or the step throws.
	 */
	update(
		notificationId: string,
		step: (notification: Notification) => Transition,
	): Promise<Transition>;
	releaseDelivery(deliveryId: string): void;
	/** When the first delivery may start of those that nobody works on, if that is after `time`. */
	nextDeliveryAt(time: number): Promise<number | undefined>;

	/**
	 * Takes up to `limit` requests' worth of due webhook deliveries, fairly between endpoints: what one that hangs keeps
	 * under way leaves room for the others. Nobody else gets them until they are released. To an endpoint behind a gate no
	 * more than that lets through.
	 */
	claimWebhooks(now: number, limit: number, gates?: Gates): Promise<readonly DueWebhooks[]>;
	/** What came of requests, each of which is one more attempt, and what that says of their endpoint. */
	settleWebhooks(deliveries: readonly WebhookDelivery[], review?: EndpointReview): Promise<void>;
	releaseWebhooks(due: DueWebhooks): void;
	nextWebhookAt(time: number, gates?: Gates): Promise<number | undefined>;

	/** Puts what a fault of ours does not let be done aside, until somebody retries it. */
	bury(kind: DeadLetterKind, ids: readonly string[], reason: string): Promise<void>;
	/** Newest first. */
	deadLetters(
		filter: { kind?: DeadLetterKind | undefined },
		page: PageRequest,
	): Promise<Page<DeadLetter>>;
	/** Makes it due again and forgets the letter. `gone`: nothing waits for it any more; undefined: there is no such letter. */
	retryDeadLetter(id: string): Promise<'retried' | 'gone' | undefined>;

	notification(id: string): Promise<StoredNotification | undefined>;
	notifications(
		filter: { status?: NotificationStatus | undefined; channel?: string | undefined },
		page: PageRequest,
	): Promise<Page<NotificationSummary>>;
	/** Stops what is pending. `nothing`: all of it has ended already; undefined: there is no such notification. */
	cancel(id: string): Promise<'cancelled' | 'nothing' | undefined>;
	/**
	 * Delivery events in commit order after `cursor`. Undefined when the cursor is not one of ours.
	 */
	events(
		cursor: string | undefined,
		limit: number,
		types?: readonly ReceivedType[],
	): Promise<EventPage | undefined>;
	/** The cursor before the first event that was stored at or after a time (milliseconds since 1970); without one, at the end. */
	cursorSince(time: number): Promise<string>;
	/** The same of what happened to endpoints. */
	operationalEvents(
		cursor: string | undefined,
		limit: number,
	): Promise<EventPage<OperationalEvent> | undefined>;

	/** Where an event of ours comes from; undefined for one that is not kept here, or not about a notification. */
	origin(eventId: string): Promise<EventOrigin | undefined>;

	endpoints(): Promise<readonly Endpoint[]>;
	/**
	 * Changes any number of endpoints in one transaction, in time linear in their number. `plan` sees all that are stored, and
	 * may be called twice; the result is the plan that was carried out.
	 */
	declareEndpoints(plan: (stored: readonly Endpoint[]) => EndpointPlan): Promise<EndpointPlan>;
	/** Undefined when another endpoint has the same URL. */
	addEndpoint(endpoint: Endpoint): Promise<Endpoint | undefined>;
	/** Changes the endpoint as it is now; its id and status stay. */
	changeEndpoint(id: string, change: (endpoint: Endpoint) => Endpoint): Promise<EndpointChange>;
	/** Its pending webhook deliveries are cancelled. */
	removeEndpoint(id: string): Promise<void>;
	/** Stops or resumes what is owed to it, and announces that; what was held is due at once and its health forgotten. */
	setEndpointStatus(id: string, status: Endpoint['status']): Promise<void>;
	/** Ends the waits between attempts: what is owed to the endpoint is due now, what was tried most often first. */
	hastenWebhooks(endpointId: string): Promise<void>;
	/** Removes the endpoints whose time is over. */
	removeExpiredEndpoints(now: number): Promise<void>;

	webhooks(
		filter: { state?: StoredWebhookState | undefined; endpointId?: string | undefined },
		page: PageRequest,
	): Promise<Page<StoredWebhook>>;
	webhook(id: string): Promise<StoredWebhook | undefined>;
	/**
	 * Makes one that is pending or was given up due now, or held while its endpoint is disabled; the result is what it is
	 * then, or what it is still where nothing is left to retry.
	 */
	retryWebhook(id: string): Promise<StoredWebhookState | undefined>;
	/** Undefined when the endpoint is gone. */
	startReplay(request: ReplayRequest): Promise<Replay | undefined>;
	replay(id: string): Promise<Replay | undefined>;
	/** Stops one that is running; the result is its state before. What it made due stays due. */
	cancelReplay(id: string): Promise<Replay['status'] | undefined>;
	/** Does a part of a replay that is running; false when none is whose endpoint has done most of what it is owed. */
	continueReplays(): Promise<boolean>;
	/** Whether one is running. */
	isReplaying(): Promise<boolean>;
	/**
	 * Keeps reports, each once however often it is sent and together with what follows from it, and applies those on
	 * messages that were sent from here: now, or when the message's id becomes known.
	 */
	takeReports(reports: readonly ReceivedEvent[], intake: ReportIntake): Promise<TakenReports>;
	/** Passes on what has waited for its message until now; true while there is more. */
	forwardDueReports(): Promise<boolean>;
	/** Passes on one that is unmatched; the result is the state that it was in. */
	forwardReport(id: string): Promise<ReportState | undefined>;
	report(id: string): Promise<StoredReport | undefined>;
	/** Newest first. */
	reports(filter: ReportFilter, page: PageRequest): Promise<Page<ReportSummary>>;
	/** Remembers a provider's one-time token, whichever entry it came to, and tells whether it was there before. */
	useToken(provider: ProviderId, token: OneTimeToken): Promise<TokenUse>;
	/** Removes a part of what is only kept for a time, and never what something pending needs; true while there is more. */
	prune(now: number, retention: Retention): Promise<boolean>;
	/** How much is owed, for metrics. */
	backlog(): Promise<Backlog>;
	/** How many notifications API keys have sent in the periods that begin then, in the order in which they are asked for. */
	quotaUse(periods: readonly KeyPeriod[]): Promise<readonly number[]>;

	/** Tells a worker, within a second or so, of what other processes have made due. */
	watch(watcher: Watcher): void;
	/** Rejects when the store cannot write. */
	probe(): Promise<void>;
	/** Waits for what is under way and closes. */
	close(): Promise<void>;
}
