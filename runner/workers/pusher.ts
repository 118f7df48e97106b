import {
	type FeedEvent,
	type HttpClient,
	PROFILES,
	type Random,
	type RetryPolicy,
	settleWebhook,
	signingKey,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { DueWebhook, Endpoint, Store } from '../store/store.ts';
import type { Metrics } from '../metrics.ts';
import { DueLoop } from './due-loop.ts';
import { untilStored } from './until-stored.ts';

export interface PusherOptions {
	readonly store: Store;
	/** For URLs from the config file, and for those that came through the API. */
	readonly http: { readonly trusted: HttpClient; readonly guarded: HttpClient };
	readonly clock: Timers;
	readonly random: Random;
	readonly log: Logger;
	readonly metrics: Metrics;
	isStopping(): boolean;
	/** The retry rules of a notification's own `callback_url`. */
	readonly callbackPolicy: RetryPolicy;
	/** The secret that signs an API key's callbacks. */
	callbackSecret(apiKey: string): string | undefined;
}

type Rules = Pick<Endpoint, 'url' | 'profile' | 'signatureInput' | 'ack' | 'policy' | 'source'> & {
	readonly secret: string | undefined;
};

const CONCURRENCY = 64;

/** Posts delivery events to the endpoints that they are owed to. */
export function createPusher(options: PusherOptions): DueLoop<DueWebhook> {
	const { store, clock, log } = options;
	return new DueLoop({
		clock,
		concurrency: CONCURRENCY,
		claim: (now, limit) => store.claimWebhooks(now, limit),
		nextAt: (time) => store.nextWebhookAt(time),
		onError: (err) => log.error({ err }, 'pushing went wrong'),
		async handle(due) {
			try {
				await push(due, options);
			} finally {
				store.releaseWebhook(due.delivery.id);
			}
		},
	});
}

async function push(due: DueWebhook, options: PusherOptions): Promise<void> {
	const { store, clock, random, log, metrics } = options;
	const rules = rulesFor(due, options);
	const at = clock.now();
	const reply = await post(due.event, rules, options, at);
	const latencyMs = Math.max(0, clock.now() - at);
	const settled = settleWebhook(due.delivery, reply, { at, latencyMs }, rules, random);
	const error = settled.attempts.at(-1)?.error;
	metrics.webhooks.observe({ result: error?.code ?? 'acknowledged' }, latencyMs / 1000);
	await untilStored(clock, log, options.isStopping, () => store.settleWebhook(settled));
	log[settled.state === 'delivered' ? 'debug' : 'warn'](
		{
			webhook_delivery_id: settled.id,
			event_id: due.event.event_id,
			endpoint: 'endpoint' in due.to ? due.to.endpoint.name : 'callback_url',
			state: settled.state,
			error,
		},
		'webhook',
	);
}

async function post(
	event: FeedEvent,
	rules: Rules,
	{ http }: PusherOptions,
	now: number,
): ReturnType<HttpClient> {
	if (rules.secret === undefined) {
		return { failure: 'connection', detail: 'Its API key has no webhook_secret any more' };
	}
	const { headers, body } = PROFILES[rules.profile].encode(
		event,
		signingKey(rules.secret),
		now,
		rules.signatureInput,
	);
	const send = rules.source === 'config' ? http.trusted : http.guarded;
	const { timeoutMs } = rules.policy;
	return await send({ method: 'POST', url: rules.url, headers, body, timeoutMs });
}

function rulesFor({ to }: DueWebhook, options: PusherOptions): Rules {
	if ('endpoint' in to) return to.endpoint;
	return {
		url: to.callbackUrl,
		profile: 'one-ping',
		secret: options.callbackSecret(to.apiKey),
		signatureInput: 'timestamped',
		ack: '2xx',
		policy: options.callbackPolicy,
		source: 'api',
	};
}
