import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Backlog } from '../store/contract/upkeep.ts';
import { createCounters } from './counters.ts';
import { addGauges, type MetricSources } from './gauges.ts';

export type { EndpointStanding, MetricSources } from './gauges.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** The metrics of `GET /metrics`. Names and units follow prometheus.io/docs/practices/naming. */
export function createMetrics(backlog: () => Promise<Backlog>, sources: MetricSources = {}) {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	const counters = createCounters(registry);
	addGauges(registry, backlog, sources);
	return { registry, ...counters };
}
