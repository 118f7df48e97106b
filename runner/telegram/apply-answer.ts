import {
	acknowledge,
	type ButtonAnswer,
	type Incident,
	type IncidentTransition,
	missingAnswers,
	type Notification,
	readButton,
	resolve,
	unchangedIncident,
} from '@sureping/engine';
import type { MakeIncidentPorts } from '../incident-ports.ts';
import { BrokenRow } from '../store/contract/errors.ts';
import type { Store } from '../store/contract/index.ts';
import type { Progress } from '../store/contract/leases.ts';
import { whoAnswered } from './who-answered.ts';

export interface ApplyingOptions {
	readonly store: Pick<Store, 'incidents' | 'leases'>;
	readonly ports: MakeIncidentPorts;
	/** The connections of the account that the answers came from, as `telegram:bot`. */
	readonly connections: readonly string[];
	now(): number;
}

/** The result of an answer: a line for the person, and the changes that it made. */
export interface AppliedAnswer {
	readonly line: string;
	readonly transition?: IncidentTransition | undefined;
}

const NOT_HERE = 'Sorry, this message cannot be answered here.';
const BROKEN = 'Sorry, this could not be recorded. Answer in another way.';

const ACTIONS = { acknowledge, resolve };

/**
 * Applies an answer to its incident, and notes in the same transaction that it is dealt with: a crash neither loses it nor
 * applies it twice. Data proves nothing, as a client can send any. So the message must be a page of the incident that the
 * same account sent to that chat; Telegram vouches for the chat. Rejects with `StoreUnavailable`.
 */
export async function applyAnswer(
	answer: ButtonAnswer,
	progress: Progress,
	{ store, ports: makePorts, connections, now }: ApplyingOptions,
): Promise<AppliedAnswer> {
	const button = readButton(answer.data);
	if (!button) {
		await store.leases.note(progress);
		return { line: NOT_HERE };
	}
	const ports = await makePorts();
	let line = NOT_HERE;
	try {
		const transition = await store.incidents.change(
			button.incidentId,
			(incident, facts) => {
				const channel = channelOf(answer, facts.notifications, connections);
				if (channel === undefined) return unchangedIncident(incident);
				const who = whoAnswered(answer, channel, ports.directory.contacts);
				const given = { ...who, via: 'telegram' as const, channel };
				const step = ACTIONS[button.action](incident, facts, given, now(), ports);
				line = step ? lineOf(step.incident) : `This is over: it was ${incident.status}.`;
				return step ?? unchangedIncident(incident);
			},
			progress,
		);
		return { line, transition };
	} catch (error) {
		if (!(error instanceof BrokenRow)) throw error;
		await store.leases.note(progress);
		return { line: BROKEN };
	}
}

/** The connection whose message was answered; undefined where the message is none of the incident's. */
function channelOf(
	{ messageId, chats }: ButtonAnswer,
	pages: readonly Notification[],
	connections: readonly string[],
): string | undefined {
	const sent = pages
		.flatMap(({ deliveries }) => deliveries)
		.filter(({ channel, connection }) => connections.includes(`${channel}:${connection}`));
	// The id is unknown where the answer to the send was lost.
	const found =
		sent.find((delivery) => messageId !== undefined && delivery.messageId === messageId) ??
		sent.find(({ recipient }) => chats.some((one) => isSame(one, recipient)));
	return found && `${found.channel}:${found.connection}`;
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function lineOf(incident: Incident): string {
	if (incident.status !== 'open') return LINES[incident.status];
	const missing = missingAnswers(incident, incident.answers);
	return `Recorded. Still waiting for ${missing.join(', ')}.`;
}

const LINES = {
	acknowledged: 'Acknowledged. Nobody else is paged.',
	exhausted: 'Recorded.',
	resolved: 'Resolved.',
	cancelled: 'Cancelled.',
} as const;
