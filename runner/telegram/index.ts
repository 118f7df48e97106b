/**
 * Answers to the buttons of Telegram's messages, fetched by long poll: no port has to be open for them.
 *
 * @module
 */
import type {
	AnswerSource,
	CatalogEntry,
	HttpClient,
	IncidentStatus,
	Random,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { MakeIncidentPorts } from '../incident-ports.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Store } from '../store/contract/index.ts';
import { tellTransition } from '../tell-transition.ts';
import { AnswerPoll } from './answer-poll.ts';
import { applyAnswer } from './apply-answer.ts';

export interface AnswerPollsOptions {
	readonly store: Pick<Store, 'incidents' | 'leases'>;
	readonly catalog: readonly CatalogEntry[];
	readonly ports: MakeIncidentPorts;
	readonly http: HttpClient;
	readonly clock: Timers;
	readonly random: Random;
	readonly log: Logger;
	readonly metrics: Metrics;
	/** Called when an answer was stored, so that its events go out. */
	onAnswer(): void;
}

export interface AnswerPolls {
	start(): void;
	stop(): Promise<void>;
}

/** Incidents that somebody may still answer. */
const NOT_OVER: readonly IncidentStatus[] = ['open', 'acknowledged', 'exhausted'];

/** Fetches the answers of every account that has messages with buttons: connections with the same bot share one poll. */
export function createAnswerPolls(options: AnswerPollsOptions): AnswerPolls {
	const { store, catalog, ports, http, clock, random, log, metrics, onAnswer } = options;
	const accounts = new Map<string, { source: AnswerSource; connections: string[] }>();
	for (const { channel, name, connection } of catalog) {
		const { answers: source } = connection;
		if (!source) continue;
		const account = accounts.get(source.account) ?? { source, connections: [] };
		// One connection that asks for it decides for its bot.
		if (source.isAlways) account.source = source;
		account.connections.push(`${channel}:${name}`);
		accounts.set(source.account, account);
	}
	const isAnyOpen = async (): Promise<boolean> => {
		for (const status of NOT_OVER) {
			const { items } = await store.incidents.list({ status }, { limit: 1 });
			if (items.length > 0) return true;
		}
		return false;
	};
	const isUsed = async (): Promise<boolean> =>
		(await ports()).directory.policies.length > 0 || (await isAnyOpen());
	const polls = [...accounts.values()].map(
		({ source, connections }) =>
			new AnswerPoll({
				...{ source, leases: store.leases, http, clock, random, log },
				isWanted: async () => source.isAlways || (await isUsed()),
				async apply(answer, position) {
					const progress = { lease: source.account, position };
					const now = (): number => clock.now();
					const applied = await applyAnswer(answer, progress, { store, ports, connections, now });
					if (applied.transition) tellTransition(applied.transition, { log, metrics });
					onAnswer();
					return applied;
				},
			}),
	);
	return {
		start: () => polls.forEach((poll) => poll.start()),
		stop: async () => void (await Promise.all(polls.map((poll) => poll.stop()))),
	};
}
