import {
	acknowledge,
	escalateNow,
	type Incident,
	type NewAnswer,
	resolve,
	unchangedIncident,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from './clock.ts';
import type { MakeIncidentPorts } from './incident-ports.ts';
import type { Metrics } from './metrics/index.ts';
import type { Store } from './store/contract/index.ts';
import { tellTransition } from './tell-transition.ts';

/** The step of the state machine for each thing that somebody may do about an incident. */
const STEPS = { acknowledge, resolve, escalate: escalateNow } as const;
export type AnswerAction = keyof typeof STEPS;

/** The parts of the runner that an answer needs. */
export interface AnswerTools {
	readonly store: Pick<Store, 'incidents'>;
	readonly clock: Pick<Timers, 'now'>;
	readonly log: Logger;
	readonly metrics: Pick<Metrics, 'countEvents'>;
	readonly incidentPorts: MakeIncidentPorts;
	/** Called when an answer may have made something due. */
	wake(): void;
}

/** `over`: the incident had been resolved or cancelled before, and is as it was. */
export interface AnswerResult {
	readonly result: 'done' | 'over';
	readonly incident: Incident;
}

/** Applies an answer to an incident; undefined where there is none with this id. Resolves once it is durable. */
export async function answerIncident(
	id: string,
	action: AnswerAction,
	answer: NewAnswer,
	{ store, clock, log, metrics, incidentPorts, wake }: AnswerTools,
): Promise<AnswerResult | undefined> {
	const ports = await incidentPorts();
	let isOver = false;
	// A step may run again, on the incident as it is then.
	const transition = await store.incidents.change(id, (incident, facts) => {
		const next = STEPS[action](incident, facts, answer, clock.now(), ports);
		isOver = next === undefined;
		return next ?? unchangedIncident(incident);
	});
	if (!transition) return undefined;
	tellTransition(transition, { log, metrics });
	wake();
	return { result: isOver ? 'over' : 'done', incident: transition.incident };
}
