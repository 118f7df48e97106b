import type { NewId, Random } from '@sureping/engine';
import type { Logger } from 'pino';
import type { AnswerLinks } from '../answer-links.ts';
import type { Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { MakeIncidentPorts } from '../incident-ports.ts';
import type { RunnerDirectory } from '../directory/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Store } from '../store/contract/index.ts';
import { createAnswerPolls } from '../telegram/index.ts';
import type { ConnectionGates } from './connection-gates.ts';
import { createDispatcher } from './dispatcher.ts';
import type { EndpointWatch } from './endpoint-watch.ts';
import { createEscalator } from './escalator.ts';
import { createHousekeeper } from './housekeeper.ts';
import { createPusher } from './pusher.ts';

export interface WorkersOptions {
	readonly store: Store;
	readonly config: Config;
	readonly gates: ConnectionGates;
	readonly directory: Pick<RunnerDirectory, 'snapshot'>;
	readonly watch: EndpointWatch;
	readonly outgoing: Pick<Outgoing, 'http' | 'transports'>;
	readonly clock: Timers;
	readonly random: Random;
	readonly newId: NewId;
	readonly log: Logger;
	readonly metrics: Metrics;
	readonly incidentPorts: MakeIncidentPorts;
	/** Links by which the readers of pages answer. */
	readonly links: Pick<AnswerLinks, 'linkFor'>;
	isStopping(): boolean;
	/** False for a process that only serves the API: its workers are never woken. */
	readonly isWorker: boolean;
}

/** The workers of a process: incidents, deliveries, webhooks, and upkeep. */
export interface Workers {
	/** Starts the work on everything that is due or becomes due. */
	start(): void;
	/** Call it when a delivery, a webhook or an incident may have become due. */
	wake(): void;
	/** Call it when a replay was started. */
	keepHouse(): void;
	/** Steps that end the work, in their order; each lets the attempts under way finish. */
	readonly stopSteps: readonly (() => Promise<void>)[];
}

export function createWorkers({
	config,
	outgoing,
	gates,
	watch,
	isWorker,
	incidentPorts,
	links,
	...shared
}: WorkersOptions): Workers {
	const { catalog } = config;
	const pusher = createPusher({
		...shared,
		http: outgoing.http,
		watch,
		catalog,
		notify: config.notify,
		onNotices: () => wake(),
		callbackPolicy: config.webhookPolicy,
		callbackSecret: (name) => config.apiKeys.find((key) => key.name === name)?.webhookSecret,
	});
	const dispatcher = createDispatcher({
		...shared,
		catalog,
		gates,
		transports: outgoing.transports,
		linkFor: (incidentId, party) => links.linkFor(incidentId, party),
		onEvents: () => pusher.wake(),
	});
	const escalator = createEscalator({
		...shared,
		ports: incidentPorts,
		onPages: () => {
			dispatcher.wake();
			pusher.wake();
		},
	});
	const answers = createAnswerPolls({
		...shared,
		catalog,
		ports: incidentPorts,
		http: outgoing.http.trusted,
		onAnswer: () => wake(),
	});
	const housekeeper = createHousekeeper({
		...shared,
		retention: config.retention,
		onWebhooks: () => pusher.wake(),
	});
	const wake = (): void => {
		if (!isWorker) return;
		escalator.wake();
		dispatcher.wake();
		pusher.wake();
	};
	const keepHouse = (): void => {
		if (isWorker) housekeeper.wake();
	};
	return {
		start() {
			wake();
			keepHouse();
			if (!isWorker) return;
			shared.store.watch({ due: wake, replays: keepHouse });
			answers.start();
		},
		wake,
		keepHouse,
		stopSteps: [
			() => answers.stop(),
			() => housekeeper.stop(),
			() => escalator.stop(),
			() => dispatcher.stop(),
			() => pusher.stop(),
		],
	};
}
