import {
	type AttemptResult,
	type Delivery,
	idTime,
	type OwnEvent,
	type WebhookDelivery,
} from '@sureping/engine';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Endpoint } from '../store/contract/endpoints.ts';
import { EndpointLabels, MOST_ENDPOINT_LABELS } from './endpoint-labels.ts';
import type { Delivered } from './time-to-delivered.ts';

/** Seconds. */
const LATENCY_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From an immediate delivery to one by the last retry of a day; seconds. */
const WAIT_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600];

/** Values of `result` in `sureping_webhooks_total`, by the state of a webhook after an attempt. */
const WEBHOOK_RESULTS = {
	pending: 'retrying',
	delivered: 'acknowledged',
	exhausted: 'exhausted',
} as const satisfies Record<WebhookDelivery['state'], string>;

/** Metrics that are counted as things happen. */
export function createCounters(registry: Registry) {
	const registers = [registry];
	const accepted = new Counter({
		name: 'sureping_notifications_accepted_total',
		help: 'Accepted notifications',
		registers,
	});
	const refused = new Counter({
		name: 'sureping_sends_refused_total',
		help: 'Sends refused by backpressure, by reason (in_flight, pending, disk)',
		labelNames: ['reason'],
		registers,
	});
	const events = new Counter({
		name: 'sureping_delivery_events_total',
		help: 'Delivery events, by type and channel',
		labelNames: ['event', 'channel'],
		registers,
	});
	const attempts = new Histogram({
		name: 'sureping_delivery_attempt_duration_seconds',
		help: 'Duration of delivery attempts, by channel and result (delivered, or an error code)',
		labelNames: ['channel', 'result'],
		buckets: LATENCY_BUCKETS_S,
		registers,
	});
	const attemptsMade = new Counter({
		name: 'sureping_delivery_attempts_total',
		help: 'Delivery attempts, by connection and result (delivered: the service took it, or an error code)',
		labelNames: ['connection', 'result'],
		registers,
	});
	const delivered = new Histogram({
		name: 'sureping_time_to_delivered_seconds',
		help: 'Time from when a notification was accepted, or from its send_at, until one of its deliveries was delivered, by channel',
		labelNames: ['channel'],
		buckets: WAIT_BUCKETS_S,
		registers,
	});
	const webhookLag = new Histogram({
		name: 'sureping_webhook_lag_seconds',
		help: 'Time from when an event was stored for an endpoint, or a replay made it due, until the endpoint acknowledged it',
		buckets: WAIT_BUCKETS_S,
		registers,
	});
	const webhooksTried = new Counter({
		name: 'sureping_webhooks_total',
		help: `Events that were posted to endpoints, by endpoint (its name in the config file, else its id; callback: all callback URLs; other: endpoints beyond ${MOST_ENDPOINT_LABELS}) and result (acknowledged, retrying, exhausted)`,
		labelNames: ['endpoint', 'result'],
		registers,
	});
	const endpointLabels = new EndpointLabels();
	const webhooks = new Histogram({
		name: 'sureping_webhook_request_duration_seconds',
		help: 'Duration of webhook requests, by result (acknowledged, or an error code)',
		labelNames: ['result'],
		buckets: LATENCY_BUCKETS_S,
		registers,
	});
	const localFaults = new Counter({
		name: 'sureping_local_faults_total',
		help: 'Requests and mails that this host could not make, by reason (exhausted: out of files, ports or memory; offline: its resolver, network or firewall)',
		labelNames: ['reason'],
		registers,
	});
	const inbound = new Counter({
		name: 'sureping_inbound_requests_total',
		help: 'Requests to /inbound, by provider and result (accepted, or the reason for the refusal)',
		labelNames: ['provider', 'result'],
		registers,
	});
	const requests = new Histogram({
		name: 'sureping_http_request_duration_seconds',
		help: 'Duration of requests to the API',
		labelNames: ['method', 'route', 'status_code'],
		buckets: LATENCY_BUCKETS_S,
		registers,
	});
	return {
		accepted,
		refused,
		webhooks,
		localFaults,
		inbound,
		requests,
		countAttempt(
			{ channel, connection }: Pick<Delivery, 'channel' | 'connection'>,
			{ latencyMs, outcome }: AttemptResult,
		): void {
			if (outcome.result === 'failed' && outcome.isUncounted) return;
			const result = outcome.result === 'failed' ? outcome.error.code : outcome.result;
			attempts.observe({ channel, result }, latencyMs / 1000);
			attemptsMade.inc({ connection: `${channel}:${connection}`, result });
		},
		countDelivered(deliveries: readonly Delivered[]): void {
			for (const { channel, afterMs } of deliveries) delivered.observe({ channel }, afterMs / 1000);
		},
		/** Counts webhooks after an attempt at `now`. Without an endpoint they are callbacks of a send. */
		countWebhooks(
			endpoint: Endpoint | undefined,
			settled: readonly WebhookDelivery[],
			now: number,
		): void {
			for (const { id, state } of settled) {
				webhooksTried.inc({
					endpoint: endpointLabels.of(endpoint),
					result: WEBHOOK_RESULTS[state],
				});
				const owedSince = state === 'delivered' ? idTime(id) : undefined;
				if (owedSince !== undefined) webhookLag.observe(Math.max(0, now - owedSince) / 1000);
			}
		},
		/** Removes the series of endpoints that no longer exist. */
		retainEndpoints(endpoints: readonly Endpoint[]): void {
			for (const endpoint of endpointLabels.retain(endpoints)) {
				for (const result of Object.values(WEBHOOK_RESULTS))
					webhooksTried.remove({ endpoint, result });
			}
		},
		countEvents(happened: readonly OwnEvent[]): void {
			for (const { event, channel = '' } of happened) events.inc({ event, channel });
		},
	};
}
