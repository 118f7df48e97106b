import { CONNECTION_STATES } from './connection-states.ts';
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Backlog, MOST_COUNTED } from '../store/contract/upkeep.ts';
import type { ConnectionStatus } from '../workers/connection-gates.ts';
import type { QuotaStanding } from './quota-standings.ts';

/** Values of `standing` in `sureping_endpoints`. */
export type EndpointStanding = 'enabled' | 'failing' | 'paused' | 'disabled';

const NO_ENDPOINTS = { enabled: 0, failing: 0, paused: 0, disabled: 0 };

/** Sources of gauges besides the backlog. Each is read on every scrape. */
export interface MetricSources {
	/** Milliseconds since 1970. */
	readonly now?: () => number;
	readonly connections?: () => readonly (ConnectionStatus & { readonly lane: string })[];
	readonly endpoints?: () => Promise<Readonly<Record<EndpointStanding, number>>>;
	readonly quotas?: () => Promise<readonly QuotaStanding[]>;
	readonly droppedLines?: (() => Readonly<Record<string, number>>) | undefined;
}

/** Adds the metrics that are measured on every scrape. */
export function addGauges(
	registry: Registry,
	backlog: () => Promise<Backlog>,
	{
		now = Date.now,
		connections = () => [],
		endpoints = async () => NO_ENDPOINTS,
		quotas = async () => [],
		droppedLines = () => ({}),
	}: MetricSources,
): void {
	const registers = [registry];
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
	new Gauge({
		name: 'sureping_dead_letters',
		help: 'Dead letters: work that a fault of the runner or a broken row left undone, until it is retried',
		registers,
		async collect() {
			this.set((await backlog()).deadLetters);
		},
	});
	new Gauge({
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
		help: 'Endpoints by standing: enabled, failing (enabled, but the latest request was not acknowledged), paused (by its Retry-After, or because it is only probed), disabled',
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
		help: 'State of a connection: 0 ok, 1 paused, 2 down (breaker open)',
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
}
