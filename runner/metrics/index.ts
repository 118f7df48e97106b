import {
	type AttemptResult,
	type Delivery,
	idTime,
	type OwnEvent,
	type WebhookDelivery,
} from '@sureping/engine';
import type { Delivered } from './time-to-delivered.ts';
import { EndpointLabels, MOST_ENDPOINT_LABELS } from './endpoint-labels.ts';
import type { QuotaStanding } from './quota-standings.ts';
import type { Endpoint } from '../store/contract/endpoints.ts';
import { type Backlog, MOST_COUNTED } from '../store/contract/upkeep.ts';
import type { ConnectionStatus } from '../workers/connection-gates.ts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const LATENCY_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From a delivery at once to one that its last retry of a day brought. */
const WAIT_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600];

/** Values of `result` in `sureping_webhooks_total`, by the state in which an attempt leaves a webhook. */
const WEBHOOK_RESULTS = {
	pending: 'retrying',
	delivered: 'acknowledged',
	exhausted: 'exhausted',
} as const satisfies Record<WebhookDelivery['state'], string>;

/** In the order of their numbers in `sureping_connection_state`. */
export const CONNECTION_STATES: readonly ConnectionStatus['status'][] = ['ok', 'paused', 'down'];

/** What `sureping_endpoints` tells apart. */
export type EndpointStanding = 'enabled' | 'failing' | 'paused' | 'disabled';

const NO_ENDPOINTS = { enabled: 0, failing: 0, paused: 0, disabled: 0 };

export type Metrics = ReturnType<typeof createMetrics>;

/** Where gauges come from, beside what is owed. Each is asked with every scrape. */
export interface MetricSources {
	/** Milliseconds since 1970. */
	readonly now?: () => number;
	readonly connections?: () => readonly (ConnectionStatus & { readonly lane: string })[];
	readonly endpoints?: () => Promise<Readonly<Record<EndpointStanding, number>>>;
	readonly quotas?: () => Promise<readonly QuotaStanding[]>;
	readonly droppedLines?: (() => Readonly<Record<string, number>>) | undefined;
}

/** What Prometheus reads. Names and units as prometheus.io/docs/practices/naming has them. */
export function createMetrics(
	backlog: () => Promise<Backlog>,
	{
		now = Date.now,
		connections = () => [],
		endpoints = async () => NO_ENDPOINTS,
		quotas = async () => [],
		droppedLines = () => ({}),
	}: MetricSources = {},
) {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });

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
		help: `Events that were posted to endpoints, by endpoint (its name in the config file, else its id; callback: URLs that sends name; other: endpoints beyond ${MOST_ENDPOINT_LABELS}) and result (acknowledged, retrying, exhausted)`,
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
	new Counter({
		name: 'sureping_lines_dropped_total',
		help: 'Lines that could not be written, by destination: log (standard error) or output (standard output, and with it the console channel)',
		labelNames: ['to'],
		registers,
		collect() {
			this.reset();
			for (const [to, lines] of Object.entries(droppedLines())) this.inc({ to }, lines);
		},
	});
	const deadLetters = new Gauge({
		name: 'sureping_dead_letters',
		help: 'Dead letters: work that a fault of the runner or a broken row left undone, until it is retried',
		registers,
		async collect() {
			this.set((await backlog()).deadLetters);
		},
	});
	const pending = new Gauge({
		name: 'sureping_pending',
		help: 'Pending work, due now or later: deliveries to channels, webhooks to endpoints',
		labelNames: ['kind'],
		registers,
		async collect() {
			const { deliveries, webhooks: owed } = await backlog();
			this.set({ kind: 'deliveries' }, deliveries);
			this.set({ kind: 'webhooks' }, owed);
		},
	});
	new Gauge({
		name: 'sureping_oldest_pending_seconds',
		help: 'Age of the oldest pending work, 0 without any: deliveries since they were accepted or since their send_at, without those that only wait for a report; webhooks since their event was stored',
		labelNames: ['kind'],
		registers,
		async collect() {
			const { deliveriesSince, webhooksSince } = await backlog();
			const time = now();
			const age = (since = time): number => Math.max(0, time - since) / 1000;
			this.set({ kind: 'deliveries' }, age(deliveriesSince));
			this.set({ kind: 'webhooks' }, age(webhooksSince));
		},
	});
	new Gauge({
		name: 'sureping_quota_used',
		help: 'Notifications sent with an API key in the current day or month (UTC) of its quota, by name of the key',
		labelNames: ['key'],
		registers,
		async collect() {
			for (const { key, used } of await quotas()) this.set({ key }, used);
		},
	});
	new Gauge({
		name: 'sureping_quota_limit',
		help: 'Notifications that the quota of an API key allows in a day or month, by name of the key',
		labelNames: ['key'],
		registers,
		async collect() {
			for (const { key, most } of await quotas()) this.set({ key }, most);
		},
	});
	new Gauge({
		name: 'sureping_webhooks_at_rest',
		help: `Webhooks that are not being tried: held while their endpoint is disabled, or exhausted; at most ${MOST_COUNTED} are counted`,
		labelNames: ['state'],
		registers,
		async collect() {
			const { held, exhausted } = await backlog();
			this.set({ state: 'held' }, held);
			this.set({ state: 'exhausted' }, exhausted);
		},
	});
	new Gauge({
		name: 'sureping_endpoints',
		help: 'Endpoints by state: enabled, failing (enabled, but the latest request was not acknowledged), paused (by its Retry-After, or because it is only probed), disabled',
		labelNames: ['standing'],
		registers,
		async collect() {
			for (const [standing, count] of Object.entries(await endpoints())) {
				this.set({ standing }, count);
			}
		},
	});

	new Gauge({
		name: 'sureping_connection_state',
		help: 'State of a connection: 0 open, 1 paused, 2 down (only probes go through)',
		labelNames: ['connection'],
		registers,
		collect() {
			for (const { lane, status } of connections()) {
				this.set({ connection: lane }, CONNECTION_STATES.indexOf(status));
			}
		},
	});
	new Gauge({
		name: 'sureping_connection_attempts_under_way',
		help: 'Attempts under way through a connection',
		labelNames: ['connection'],
		registers,
		collect() {
			for (const { lane, underWay } of connections()) this.set({ connection: lane }, underWay);
		},
	});

	return {
		registry,
		accepted,
		refused,
		webhooks,
		localFaults,
		inbound,
		requests,
		pending,
		deadLetters,
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
		/** Counts what an attempt left of webhooks at `now`. Without an endpoint they are a send's own callbacks. */
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
		/** Ends the series of endpoints that are gone. */
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
