import type { AttemptResult, OwnEvent } from '@sureping/engine';
import { type Backlog, MOST_COUNTED } from './store/store.ts';
import type { ConnectionStatus } from './workers/connection-gates.ts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const LATENCY_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** In the order of their numbers in `sureping_connection_state`. */
export const CONNECTION_STATES: readonly ConnectionStatus['status'][] = ['ok', 'paused', 'down'];

/** What `sureping_endpoints` tells apart. */
export type EndpointStanding = 'enabled' | 'failing' | 'paused' | 'disabled';

const NO_ENDPOINTS = { enabled: 0, failing: 0, paused: 0, disabled: 0 };

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus reads. Names and units as prometheus.io/docs/practices/naming has them. */
export function createMetrics(
	backlog: () => Promise<Backlog>,
	connections: () => readonly (ConnectionStatus & { readonly lane: string })[] = () => [],
	endpoints: () => Promise<Readonly<Record<EndpointStanding, number>>> = async () => NO_ENDPOINTS,
	droppedLines: () => Readonly<Record<string, number>> = () => ({}),
) {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });

	const accepted = new Counter({
		name: 'sureping_notifications_accepted_total',
		help: 'Notifications that were stored',
		registers,
	});
	const refused = new Counter({
		name: 'sureping_sends_refused_total',
		help: 'Sends that were refused to protect what was accepted, by reason (in_flight, pending, disk)',
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
		help: 'Time that attempts to deliver took, by channel and result (delivered, or an error code)',
		labelNames: ['channel', 'result'],
		buckets: LATENCY_BUCKETS_S,
		registers,
	});
	const webhooks = new Histogram({
		name: 'sureping_webhook_request_duration_seconds',
		help: 'Time that webhook requests took, by result (acknowledged, or an error code)',
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
		help: 'Requests to /inbound, by provider and result (accepted, or why they were refused)',
		labelNames: ['provider', 'result'],
		registers,
	});
	const requests = new Histogram({
		name: 'sureping_http_request_duration_seconds',
		help: 'Time that requests to the API took',
		labelNames: ['method', 'route', 'status_code'],
		buckets: LATENCY_BUCKETS_S,
		registers,
	});
	new Counter({
		name: 'sureping_lines_dropped_total',
		help: 'Lines that could not be written, by where to: log (standard error) or output (standard output, and with it the console channel)',
		labelNames: ['to'],
		registers,
		collect() {
			this.reset();
			for (const [to, lines] of Object.entries(droppedLines())) this.inc({ to }, lines);
		},
	});
	const deadLetters = new Gauge({
		name: 'sureping_dead_letters',
		help: 'What a fault of the runner or a broken row did not let be done, until it is retried',
		registers,
		async collect() {
			this.set((await backlog()).deadLetters);
		},
	});
	const pending = new Gauge({
		name: 'sureping_pending',
		help: 'What is owed now or later: deliveries to channels, webhooks to endpoints',
		labelNames: ['kind'],
		registers,
		async collect() {
			const { deliveries, webhooks: owed } = await backlog();
			this.set({ kind: 'deliveries' }, deliveries);
			this.set({ kind: 'webhooks' }, owed);
		},
	});

	new Gauge({
		name: 'sureping_webhooks_at_rest',
		help: `Webhooks that nobody tries: held while their endpoint is disabled, or exhausted; at most ${MOST_COUNTED} are counted`,
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
		help: 'Endpoints by how they stand: enabled, failing (enabled, but what it got last it did not acknowledge), paused (by its Retry-After, or because it is only probed), disabled',
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
		help: 'What a connection lets through: 0 everything, 1 nothing until its pause ends, 2 only probes while it is down',
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
		countAttempt(channel: string, { latencyMs, outcome }: AttemptResult): void {
			if (outcome.result === 'failed' && outcome.isUncounted) return;
			const result = outcome.result === 'failed' ? outcome.error.code : outcome.result;
			attempts.observe({ channel, result }, latencyMs / 1000);
		},
		countEvents(happened: readonly OwnEvent[]): void {
			for (const { event, channel = '' } of happened) events.inc({ event, channel });
		},
	};
}
