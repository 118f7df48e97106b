import {
	announcementOf,
	type CatalogEntry,
	type DeliveryError,
	hostOutcome,
	isLastAttempt,
	type NewId,
	outcomeOfRequest,
	PROFILES,
	type ProfileId,
	type Random,
	type RequestOutcome,
	type RetryPolicy,
	settleWebhooks,
	unformattedWebhook,
	type WebhookDelivery,
	withheldWebhook,
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
	/** The connections that an operator's notice can use. */
	readonly catalog: readonly CatalogEntry[];
	readonly watch: EndpointWatch;
	/** The operator's address for notices about endpoints. */
	readonly notify?: NoticeTarget | undefined;
	/** Called when the operator's notices were stored, so that they go out. */
	onNotices(): void;
	isStopping(): boolean;
	/** The retry rules of a send's own callback. */
	callbackPolicy(profile: ProfileId): RetryPolicy;
	/** The secret that signs an API key's callbacks. */
	callbackSecret(apiKey: string): string | undefined;
}

/**
 * Requests under way at once, as many as attempts, so that webhooks keep up with the messages that they tell of. One
 * endpoint gets half of them at most, and so do all callbacks together.
 */
export const MOST_REQUESTS = 256;
/** Interval at which removed endpoints are forgotten. */
const RETAIN_EVERY_MS = 1_000;

/** Posts delivery events to the endpoints that they are owed to. */
export function createPusher(options: PusherOptions): DueLoop<DueWebhooks> {
	const { store, clock, log, watch } = options;
	const callbacks = new CallbackWatch();
	let retainedAt = -Infinity;
	return new DueLoop({
		clock,
		concurrency: MOST_REQUESTS,
		async claim(now, limit) {
			// A look at the endpoints may be a round trip to a database, and their number changes seldom.
			if (Math.abs(now - retainedAt) >= RETAIN_EVERY_MS) {
				const endpoints = await store.endpoints.all();
				watch.retain(endpoints);
				options.metrics.retainEndpoints(endpoints);
				retainedAt = now;
			}
			return await store.webhooks.claim(now, limit, watch);
		},
		nextAt: (time) => store.webhooks.nextAt(time, watch),
		onError: (err) => log.error({ err }, 'the pusher met an error'),
		release: (due) => store.webhooks.release(due),
		async handle(due) {
			try {
				await push(due, callbacks, options);
			} catch (error) {
				if (options.isStopping()) throw error;
				await addToDeadLetters(due, error, options);
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
	const hidden = hasBody ? secretsOf(to) : [];
	const rules = { policy: to.policy, ack: to.ack, hidden, isCallback: !endpoint };
	const settled = reply
		? settleWebhooks(deliveries, reply, { at, latencyMs }, rules, random)
		: deliveries.map((delivery) => unformattedWebhook(delivery, at));
	const outcome = reply && outcomeOfRequest(settled, reply, at, now);
	const isUncounted = reply !== undefined && !outcome;
	const error = isUncounted ? undefined : settled[0]?.attempts.at(-1)?.error;
	if (!isUncounted) {
		metrics.countWebhooks(endpoint, settled, now);
		metrics.webhooks.observe({ result: error?.code ?? 'acknowledged' }, latencyMs / 1000);
	}
	if (!endpoint) {
		const { host } = new URL(to.url);
		const hosts = outcome && canBeSigned(to) ? hostOutcome(outcome.reply, error, now) : undefined;
		for (const { id } of deliveries) {
			if (hosts) callbacks.settle(host, id, hosts, now);
			callbacks.end(host, id);
		}
	}
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

/**
 * The callbacks after a skipped attempt, where their host is not called now; undefined where the request may be made.
 */
function heldBack(
	{ deliveries }: DueWebhooks,
	{ url, policy }: Destination,
	callbacks: CallbackWatch,
	{ clock, random }: PusherOptions,
): readonly WebhookDelivery[] | undefined {
	const at = clock.now();
	const { host } = new URL(url);
	const held = deliveries.flatMap(({ delivery }) => {
		const isLast = isLastAttempt(delivery, policy);
		const { timeoutMs } = policy;
		const refusal = callbacks.refusal(host, { id: delivery.id, isLast, timeoutMs }, at);
		return refusal ? withheldWebhook(delivery, refusal, at, policy, random) : [];
	});
	return held.length > 0 ? held : undefined;
}

/** The changes of the endpoint to store; undefined where there are none. */
function reviewOf(
	endpoint: Endpoint,
	outcome: RequestOutcome,
	error: DeliveryError | undefined,
	options: PusherOptions,
): EndpointReview | undefined {
	const { watch, newId, notify } = options;
	const { now } = outcome;
	const before = watch.healthOf(endpoint);
	const review = watch.review(endpoint, outcome);
	const event = announcementOf(endpoint, review, before, { error, now }, newId);
	if (!review.isWorthKeeping && !event) return undefined;
	const notice = event && notify && operatorNotice(event, notify, options, now);
	return {
		endpointId: endpoint.id,
		health: review.health,
		disable: review.health.disabled !== undefined,
		events: event ? [event] : [],
		notices: notice ? [notice] : [],
	};
}

/**
 * Adds the webhook deliveries that a fault of the runner keeps from being sent to the dead letters; of a batch only
 * those.
 */
async function addToDeadLetters(
	due: DueWebhooks,
	error: unknown,
	options: PusherOptions,
): Promise<void> {
	const { store, clock, log, isStopping } = options;
	const to = destinationOf(due, options);
	const broken = due.deliveries.filter(({ event }) => !canBeWritten(event, to, clock.now()));
	const ids = (broken.length > 0 ? broken : due.deliveries).map(({ delivery }) => delivery.id);
	const reason = error instanceof Error ? error.message : String(error);
	log.error({ err: error, webhook_delivery_ids: ids }, 'webhooks became dead letters');
	await untilStored(clock, log, isStopping, () => store.deadLetters.add('webhook', ids, reason));
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
