import {
	PROFILES,
	type ProfileId,
	type Random,
	type RetryPolicy,
	settleWebhooks,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { DueWebhooks, Store } from '../store/store.ts';
import type { Metrics } from '../metrics.ts';
import { DueLoop } from './due-loop.ts';
import { type Destination, type HttpClients, postEvents } from './post-events.ts';
import { untilStored } from './until-stored.ts';

export interface PusherOptions {
	readonly store: Store;
	readonly http: HttpClients;
	readonly clock: Timers;
	readonly random: Random;
	readonly log: Logger;
	readonly metrics: Metrics;
	isStopping(): boolean;
	/** The retry rules of a send's own callback. */
	callbackPolicy(profile: ProfileId): RetryPolicy;
	/** The secret that signs an API key's callbacks. */
	callbackSecret(apiKey: string): string | undefined;
}

/** Requests under way at once. One endpoint gets half of them at most: see `WebhookQueue.claim`. */
const CONCURRENCY = 128;

/** Posts delivery events to the endpoints that they are owed to. */
export function createPusher(options: PusherOptions): DueLoop<DueWebhooks> {
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
				store.releaseWebhooks(due);
			}
		},
	});
}

async function push(due: DueWebhooks, options: PusherOptions): Promise<void> {
	const { store, clock, random, log, metrics } = options;
	const to = destinationOf(due, options);
	const at = clock.now();
	const events = due.deliveries.map(({ event }) => event);
	const deliveries = due.deliveries.map(({ delivery }) => delivery);
	const reply = await postEvents(events, to, options.http, at);
	const latencyMs = Math.max(0, clock.now() - at);
	const settled = reply
		? settleWebhooks(deliveries, reply, { at, latencyMs }, to, random)
		: deliveries.map((delivery) => withoutWord(delivery, at));
	const error = settled[0]?.attempts.at(-1)?.error;
	metrics.webhooks.observe({ result: error?.code ?? 'acknowledged' }, latencyMs / 1000);
	await untilStored(clock, log, options.isStopping, () => store.settleWebhooks(settled));
	const gone = reply && !('failure' in reply) && reply.status === 410;
	if (gone && PROFILES[to.profile].endsWithGone && 'endpoint' in due.to) {
		const { id, name } = due.to.endpoint;
		await untilStored(clock, log, options.isStopping, () =>
			store.setEndpointStatus(id, 'disabled'),
		);
		log.warn({ endpoint: name }, 'an endpoint answered 410 Gone and is disabled');
	}
	settled.forEach(({ id, state }, i) =>
		log[state === 'delivered' ? 'debug' : 'warn'](
			{
				webhook_delivery_id: id,
				event_id: events[i]?.event_id,
				endpoint: 'endpoint' in due.to ? due.to.endpoint.name : 'callback',
				state,
				error,
			},
			'webhook',
		),
	);
}

type Delivery = DueWebhooks['deliveries'][number]['delivery'];

/** The endpoint's format changed since the event was owed. */
function withoutWord({ id, attempts }: Delivery, at: number): Delivery {
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
