import {
	acknowledge,
	advance,
	type Incident,
	type IncidentContent,
	type IncidentOpening,
	type IncidentPorts,
	type IncidentStep,
	type IncidentTransition,
	type NewAnswer,
	openIncident,
	type PolicyBody,
	policyBodySchema,
	repeated,
	resolve,
} from '@sureping/engine';
import type { Opening, OpenResult } from '../../runner/store/contract/incidents.ts';
import type { Callback, Idempotency, QuotaPeriod } from '../../runner/store/contract/sends.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import { inEachTest, SendScene } from './send-scene.ts';
import { CATALOG, type SendStore } from './send-store.ts';

/** Pages the terminal at once, and the second connection after five minutes. */
export const TWO_STEPS = policyBodySchema.parse({
	steps: [
		{ after_s: 0, notify: ['console:terminal'] },
		{ after_s: 300, notify: ['console:second'] },
	],
});

const ANSWER: NewAnswer = { by: 'ada', via: 'api' };

interface OpeningOptions extends Partial<Omit<IncidentOpening, 'content'>> {
	readonly content?: Partial<IncidentContent>;
	readonly apiKey?: string;
	readonly callbacks?: readonly Callback[];
	readonly idempotency?: Idempotency;
	readonly quota?: QuotaPeriod;
}

/** A store with incidents, whose steps are those of the engine. */
export class IncidentStore extends SendScene {
	private get ports(): IncidentPorts {
		return {
			directory: {
				contact: () => undefined,
				onCall: () => undefined,
				policy: () => undefined,
				duty: () => undefined,
				contacts: [],
				onCalls: [],
				policies: [],
			},
			catalog: CATALOG,
			newId: this.newId,
			about: { includeMessage: true },
			quietUntil: () => undefined,
		};
	}

	/** The opening that a send with this policy would give the store. */
	opening(options: OpeningOptions = {}): Opening {
		const { apiKey = 'test', callbacks, idempotency, quota, content, ...more } = options;
		const opened = openIncident(
			{
				owner: `key:${apiKey}`,
				policy: TWO_STEPS,
				...more,
				content: { message: 'Disk full', metadata: {}, priority: 'normal', ...content },
			},
			this.now,
			this.ports,
		);
		if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
		const { transition } = opened;
		const { id, notificationId, status } = transition.incident;
		const answer = {
			notification_id: notificationId,
			status: 'queued' as const,
			deliveries: [],
			incident: { id, status, opened: true },
		};
		return {
			transition,
			apiKey,
			answer,
			...(callbacks ? { callbacks } : {}),
			idempotency,
			quota,
			onRepeated: (incident) => repeated(incident, this.now, this.ports),
		};
	}

	/** Stores a new incident, and resolves with it. */
	async escalate(options: OpeningOptions = {}): Promise<Incident> {
		const opening = this.opening(options);
		const { result }: OpenResult = await this.store.incidents.open(opening);
		if (result !== 'accepted') throw new Error(`The opening is ${result}`);
		return opening.transition.incident;
	}

	/** The step of the worker. */
	readonly advance: IncidentStep = (incident, facts) =>
		advance(incident, facts, this.now, this.ports);

	readonly acknowledge: IncidentStep = (incident, facts) =>
		acknowledge(incident, facts, ANSWER, this.now, this.ports) ?? unchanged(incident);

	readonly resolve: IncidentStep = (incident, facts) =>
		resolve(incident, facts, ANSWER, this.now, this.ports) ?? unchanged(incident);

	async change(
		id: string,
		step: IncidentStep,
		store: Store = this.store,
	): Promise<IncidentTransition> {
		const transition = await store.incidents.change(id, step);
		if (!transition) throw new Error(`There is no incident ${id}`);
		return transition;
	}

	/** Types of all events so far, in order. */
	async told(): Promise<readonly string[]> {
		const page = await this.store.feed.read(undefined, 1000);
		return page?.events.map(({ event }) => event) ?? [];
	}

	/** The first delivery of each page of an incident. */
	async deliveriesOf(incidentId: string) {
		const incident = await this.store.incidents.get(incidentId);
		const pages = await Promise.all(
			(incident?.pages ?? []).map(({ notificationId }) =>
				this.store.notifications.get(notificationId),
			),
		);
		return pages.flatMap((page) => page?.notification.deliveries ?? []);
	}
}

/** An `IncidentStore` for each test of a suite, at `START`. */
export const incidentStore = (openBed: Parameters<SendStore['begin']>[0]): IncidentStore =>
	inEachTest(new IncidentStore(), openBed);

export const unchanged = (incident: Incident): IncidentTransition => ({
	incident,
	notifications: [],
	stopped: [],
	events: [],
});

/** A policy with these steps. */
export const policyOf = (policy: unknown): PolicyBody => policyBodySchema.parse(policy);
