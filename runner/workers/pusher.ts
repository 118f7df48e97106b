import {
	type CatalogEntry,
	type DeliveryError,
	isoTime,
	isOurs,
	lapsedWebhook,
	maxAttempts,
	type NewId,
	operationalEvent,
	parseRetryAfter,
	PROFILES,
	type ProfileId,
	type Random,
	type RequestOutcome,
	type RetryPolicy,
	settleWebhooks,
	type WebhookDelivery,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Endpoint } from '../store/contract/endpoints.ts';
import type { Store } from '../store/contract/index.ts';
import type { DueWebhooks, EndpointReview } from '../store/contract/webhooks.ts';
import type { Metrics } from '../metrics/index.ts';
import { CallbackWatch } from './callback-watch.ts';
import { DueLoop } from './due-loop.ts';
import type { EndpointWatch } from './endpoint-watch.ts';
import { type NoticeTarget, operatorNotice } from './operator-notice.ts';
import {
	canBeSigned,
	canBeWritten,
	type Destination,
	type HttpClients,
	postEvents,
	secretsOf,
} from './post-events.ts';
import { untilStored } from './until-stored.ts';

export interface PusherOptions {
	readonly store: Pick<Store, 'webhooks' | 'endpoints' | 'deadLetters'>;
	readonly http: HttpClients;
	readonly clock: Timers;
	readonly random: Random;
	readonly log: Logger;
	readonly metrics: Metrics;
	readonly newId: NewId;
	/** Those that an operator's notice can go through. */
	readonly catalog: readonly CatalogEntry[];
	readonly watch: EndpointWatch;
	/** Whom to tell about endpoints, besides those who subscribe to that. */
	readonly notify?: NoticeTarget | undefined;
	/** Called when the operator's notices were stored, so that they go out. */
	onNotices(): void;
	isStopping(): boolean;
	/** The retry rules of a send's own callback. */
	callbackPolicy(profile: ProfileId): RetryPolicy;
	/** The secret that signs an API key's callbacks. */
	callbackSecret(apiKey: string): string | undefined;
}

/** Requests under way at once. One endpoint gets half of them at most, and so do all callbacks together. */
const CONCURRENCY = 128;

/** Posts delivery events to the endpoints that they are owed to. */
export function createPusher(options: PusherOptions): DueLoop<DueWebhooks> {
	const { store, clock, log, watch } = options;
	const callbacks = new CallbackWatch();
	return new DueLoop({
		clock,
		concurrency: CONCURRENCY,
		async claim(now, limit) {
			const endpoints = await store.endpoints.all();
			watch.retain(endpoints);
			options.metrics.retainEndpoints(endpoints);
			return await store.webhooks.claim(now, limit, watch);
		},
		nextAt: (time) => store.webhooks.nextAt(time, watch),
		onError: (err) => log.error({ err }, 'pushing went wrong'),
		release: (due) => store.webhooks.release(due),
		async handle(due) {
			try {
				await push(due, callbacks, options);
			} catch (error) {
				if (options.isStopping()) throw error;
				await buryBroken(due, error, options);
			} finally {
				store.webhooks.release(due);
			}
		},
	});
}

async function push(
	due: DueWebhooks,
	callbacks: CallbackWatch,
	options: PusherOptions,
): Promise<void> {
	const { store, clock, random, log, metrics } = options;
	const to = destinationOf(due, options);
	const endpoint = 'endpoint' in due.to ? due.to.endpoint : undefined;
	const at = clock.now();
	const events = due.deliveries.map(({ event }) => event);
	const deliveries = due.deliveries.map(({ delivery }) => delivery);
	if (!endpoint) {
		const held = heldBack(due, to, callbacks, options);
		if (held) {
			await untilStored(clock, log, options.isStopping, () => store.webhooks.settle(held));
			return;
		}
	}
	const reply = await postEvents(events, to, options.http, at);
	const now = clock.now();
	const latencyMs = Math.max(0, now - at);
	const hasBody = reply !== undefined && !('failure' in reply) && reply.body !== '';
	const rules = { policy: to.policy, ack: to.ack, hidden: hasBody ? secretsOf(to) : [] };
	const isGone = reply !== undefined && !('failure' in reply) && reply.status === 410;
	const settled = reply
		? settleWebhooks(deliveries, reply, { at, latencyMs }, rules, random).map((delivery) =>
				isGone ? afterGone(delivery, endpoint, now) : delivery,
			)
		: deliveries.map((delivery) => withoutWord(delivery, at));
	const isUncounted = reply !== undefined && isOurs(reply);
	const error = isUncounted ? undefined : settled[0]?.attempts.at(-1)?.error;
	if (!isUncounted) {
		metrics.countWebhooks(endpoint, settled, now);
		metrics.webhooks.observe({ result: error?.code ?? 'acknowledged' }, latencyMs / 1000);
	}
	const outcome = reply && !isUncounted ? outcomeOf(settled, reply, at, now) : undefined;
	if (!endpoint && outcome && canBeSigned(to))
		tellCallbacks(due, to.url, outcome, error, callbacks);
	if (!endpoint) for (const { id } of deliveries) callbacks.end(new URL(to.url).host, id);
	const review = endpoint && outcome && reviewOf(endpoint, outcome, error, options);
	await untilStored(clock, log, options.isStopping, () => store.webhooks.settle(settled, review));
	for (const event of review?.events ?? []) {
		log.warn({ endpoint: endpoint?.name, event: event.event, reason: event.reason }, 'endpoint');
	}
	if (review && review.notices.length > 0) options.onNotices();
	settled.forEach(({ id, state }, i) =>
		log[state === 'delivered' || isUncounted ? 'debug' : 'warn'](
			{
				webhook_delivery_id: id,
				event_id: events[i]?.event_id,
				endpoint: endpoint?.name ?? 'callback',
				state,
				error,
			},
			'webhook',
		),
	);
}

/** Callbacks to a host that no request is made to now, as they are after that. */
function heldBack(
	{ deliveries }: DueWebhooks,
	{ url, policy }: Destination,
	callbacks: CallbackWatch,
	{ clock, random }: PusherOptions,
): readonly WebhookDelivery[] | undefined {
	const at = clock.now();
	const held = deliveries.flatMap(({ delivery }) => {
		const { host } = new URL(url);
		const isLast = delivery.attempts.length + 1 >= maxAttempts(policy);
		const refusal = callbacks.refusal(
			host,
			{ id: delivery.id, isLast, timeoutMs: policy.timeoutMs },
			at,
		);
		if (!refusal) return [];
		const { error, until } = refusal;
		return error
			? lapsedWebhook(delivery, error, { at, waitMs: until - at }, policy, random)
			: { ...delivery, dueAt: until };
	});
	return held.length > 0 ? held : undefined;
}

function tellCallbacks(
	{ deliveries }: DueWebhooks,
	url: string,
	{ reply, now }: RequestOutcome,
	error: DeliveryError | undefined,
	callbacks: CallbackWatch,
): void {
	// A URL that is not allowed was not asked for.
	if ('failure' in reply && reply.failure === 'refused_url') return;
	const about = 'failure' in reply && reply.failure === 'offline' ? 'us' : undefined;
	const asked = 'failure' in reply ? undefined : parseRetryAfter(reply.headers['retry-after'], now);
	for (const { delivery } of deliveries) {
		callbacks.settle(
			new URL(url).host,
			delivery.id,
			error
				? { result: 'failed', permanent: false, error, about, retryAfterMs: asked }
				: { result: 'delivered', confirmation: 'service' },
			now,
		);
	}
}

function outcomeOf(
	settled: readonly WebhookDelivery[],
	reply: RequestOutcome['reply'],
	sentAt: number,
	now: number,
): RequestOutcome {
	const [first] = settled;
	return {
		sentAt,
		now,
		reply,
		acknowledged: first?.state === 'delivered',
		gaveUp: settled.some(({ state }) => state === 'exhausted'),
		waitMs: first?.dueAt === undefined ? undefined : first.dueAt - now,
	};
}

/** What is to be stored about the endpoint, if anything. */
function reviewOf(
	endpoint: Endpoint,
	outcome: RequestOutcome,
	error: DeliveryError | undefined,
	options: PusherOptions,
): EndpointReview | undefined {
	const { watch, newId, notify } = options;
	const before = watch.healthOf(endpoint);
	const { health, isWorthKeeping, announce } = watch.review(endpoint, outcome);
	if (!isWorthKeeping && !announce) return undefined;
	// What recovered is told with what it recovered from.
	const { failingSince, failures } = announce === 'endpoint.recovered' ? before : health;
	const facts = {
		...(health.disabled ? { reason: health.disabled } : {}),
		...(failingSince === undefined ? {} : { failing_since: isoTime(failingSince) }),
		consecutive_failures: failures,
		...(error ? { error } : {}),
	};
	const events = announce ? [operationalEvent(announce, endpoint, facts, outcome.now, newId)] : [];
	const notices = events.flatMap((event) => {
		const notice = notify && operatorNotice(event, notify, options, outcome.now);
		return notice ? [notice] : [];
	});
	const disable = health.disabled !== undefined;
	return { endpointId: endpoint.id, health, disable, events, notices };
}

/** Until what an endpoint refused for the last time as gone is sent again, should it not be disabled after all. */
const GONE_MS = 60_000;

/** An endpoint that is gone is disabled, so what it was owed is held for it; a send's own callback ends here. */
function afterGone(
	{ mostTogether: _, dueAt, ...delivery }: WebhookDelivery,
	endpoint: Endpoint | undefined,
	now: number,
): WebhookDelivery {
	return endpoint
		? { ...delivery, state: 'pending', dueAt: dueAt ?? now + GONE_MS }
		: { ...delivery, state: 'exhausted' };
}

/** Puts aside what a fault of ours does not let be sent, and of a batch only that. */
async function buryBroken(due: DueWebhooks, error: unknown, options: PusherOptions): Promise<void> {
	const { store, clock, log, isStopping } = options;
	const to = destinationOf(due, options);
	const broken = due.deliveries.filter(({ event }) => !canBeWritten(event, to, clock.now()));
	const ids = (broken.length > 0 ? broken : due.deliveries).map(({ delivery }) => delivery.id);
	const reason = error instanceof Error ? error.message : String(error);
	log.error({ err: error, webhook_delivery_ids: ids }, 'webhooks were put aside: a fault of ours');
	await untilStored(clock, log, isStopping, () => store.deadLetters.add('webhook', ids, reason));
}

/** The endpoint's format changed since the event was owed. */
function withoutWord({ id, attempts }: WebhookDelivery, at: number): WebhookDelivery {
	const message = "The endpoint's format has no word for this event";
	const error = { code: 'MESSAGE_REJECTED' as const, message };
	return { id, state: 'exhausted', attempts: [...attempts, { at, latencyMs: 0, error }] };
}

function destinationOf({ to }: DueWebhooks, options: PusherOptions): Destination {
	if ('endpoint' in to) return to.endpoint;
	const { url, profile, reportType, secret: own, apiKey } = to.callback;
	const signs = PROFILES[profile].secret === 'required';
	const secret = own ?? (signs ? options.callbackSecret(apiKey) : undefined);
	return {
		url,
		profile,
		reportType,
		signatureInput: 'timestamped',
		ack: '2xx',
		policy: options.callbackPolicy(profile),
		source: 'api',
		...(secret === undefined ? {} : { secret }),
	};
}
