import { advance, incidentDueAt } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { MakeIncidentPorts } from '../incident-ports.ts';
import type { Metrics } from '../metrics/index.ts';
import { BrokenRow } from '../store/contract/errors.ts';
import type { Store } from '../store/contract/index.ts';
import { tellTransition } from '../tell-transition.ts';
import { DueLoop } from './due-loop.ts';

export interface EscalatorOptions {
	readonly store: Pick<Store, 'incidents' | 'deadLetters'>;
	readonly ports: MakeIncidentPorts;
	readonly clock: Timers;
	readonly log: Logger;
	readonly metrics: Metrics;
	/** Called when pages and events were stored, so that they go out. */
	onPages(): void;
}

/** Incidents that take their step at once. A step is one transaction and waits for nothing else. */
const CONCURRENCY = 16;
/** Wait before another try of an incident whose step failed. */
const AFTER_FAULT_MS = 30_000;

/** Carries out the steps of incidents when they are due. Two processes may find the same one: only the first has a step to do. */
export function createEscalator(options: EscalatorOptions): DueLoop<string> {
	const { store, clock, log } = options;
	const underWay = new Set<string>();
	/** Incidents whose step failed, with the time of the next try. */
	const waiting = new Map<string, number>();
	return new DueLoop<string>({
		clock,
		concurrency: CONCURRENCY,
		async claim(now, limit) {
			for (const [id, at] of waiting) if (at <= now) waiting.delete(id);
			const busy = underWay.size + waiting.size;
			const found = await store.incidents.due(now, limit + busy);
			const ids = found.filter((id) => !underWay.has(id) && !waiting.has(id)).slice(0, limit);
			for (const id of ids) underWay.add(id);
			return ids;
		},
		async nextAt(time) {
			const next = await store.incidents.nextAt(time);
			return Math.min(next ?? Infinity, ...waiting.values());
		},
		release: (id) => underWay.delete(id),
		onError: (err) => log.error({ err }, 'the escalator met an error'),
		async handle(id) {
			try {
				await step(id, options);
			} catch (err) {
				if (err instanceof BrokenRow) {
					log.error({ err, incident_id: id }, 'an incident became a dead letter');
					await store.deadLetters.add('incident', [id], err.message);
					return;
				}
				// It stays due. A fault of one incident must not keep the others back.
				waiting.set(id, clock.now() + AFTER_FAULT_MS);
				log.error(
					{ err, incident_id: id, retry_in_ms: AFTER_FAULT_MS },
					'an incident met an error',
				);
			} finally {
				underWay.delete(id);
			}
		},
	});
}

async function step(id: string, options: EscalatorOptions): Promise<void> {
	const { store, clock } = options;
	const ports = await options.ports();
	const now = clock.now();
	const done = await store.incidents.change(id, (incident, facts) =>
		advance(incident, facts, now, ports),
	);
	if (!done) return;
	tellTransition(done, options);
	options.onPages();
	if ((incidentDueAt(done.incident) ?? Infinity) <= now) {
		throw new Error('The step left the incident due');
	}
}
