import { end, fromTheStart, runDue, stopPages } from './advance.ts';
import { type Incident, type IncidentAnswer, OVER } from './incident.ts';
import { Progress } from './progress.ts';
import type { IncidentFacts, IncidentPorts, IncidentTransition } from './transition.ts';

/** An answer that comes now. */
export type NewAnswer = Omit<IncidentAnswer, 'at'>;

/** Answers to one incident; beyond them the oldest is forgotten whose party has answered again since, else the oldest. */
const MOST_ANSWERS = 100;

/**
 * Somebody takes care of an incident: nobody else is paged. Where the step that started last asks for all its contacts, it
 * stops only the pages of this one until the last of them has answered. An acknowledged one stays so, with its timeout
 * begun again. Undefined when the incident is over.
 */
export function acknowledge(
	incident: Incident,
	facts: IncidentFacts,
	answer: NewAnswer,
	now: number,
	ports: IncidentPorts,
): IncidentTransition | undefined {
	if (OVER.has(incident.status)) return undefined;
	const progress = new Progress(incident, now, ports);
	const answers = withAnswer(incident.answers, { at: now, ...answer });
	const missing = missingAnswers(incident, answers);
	progress.change({ answers });
	const wait = missing.length > 0 ? `waiting for ${missing.join(', ')}` : undefined;
	const note = [answer.note, wait].filter((part) => part !== undefined).join('; ');
	progress.note({
		action: 'acknowledged',
		...trailOf(answer),
		note: note === '' ? undefined : note,
	});
	if (incident.status !== 'acknowledged' && missing.length > 0) {
		stopContact(progress, facts, answer.by);
		return progress.end();
	}
	const { ack_timeout_s: timeout } = incident.policy;
	progress.change({
		status: 'acknowledged',
		next: undefined,
		pending: [],
		unacknowledgeAt: timeout === undefined ? undefined : now + Math.round(timeout * 1000),
	});
	stopPages(progress, facts);
	if (incident.status !== 'acknowledged') {
		progress.tell((facts) => ({
			event: 'escalation.acknowledged',
			status: 'acknowledged',
			...facts,
			...toldAnswer(answer),
		}));
	}
	return progress.end();
}

function withAnswer(
	answers: readonly IncidentAnswer[],
	answer: IncidentAnswer,
): readonly IncidentAnswer[] {
	const all = [...answers, answer];
	if (all.length <= MOST_ANSWERS) return all;
	const again = all.findIndex(({ by }, i) => all.slice(i + 1).some((later) => later.by === by));
	return all.filter((_, i) => i !== Math.max(0, again));
}

/** Contacts whose answer is still missing, where the step that started last asks for all of them. */
export function missingAnswers(
	{ policy, round, step, pages, pending }: Incident,
	answers: readonly IncidentAnswer[],
): readonly string[] {
	if (policy.steps[step - 1]?.ack !== 'all') return [];
	const asked = [...pages, ...pending]
		.filter((one) => one.round === round && one.step === step && !one.isExhausted)
		.flatMap(({ contactId }) => contactId ?? []);
	const answered = new Set(answers.map(({ by }) => by));
	return [...new Set(asked)].filter((id) => !answered.has(id));
}

function stopContact(progress: Progress, facts: IncidentFacts, by: string | undefined): void {
	if (by === undefined) return;
	const { pending } = progress.incident;
	progress.change({ pending: pending.filter(({ contactId }) => contactId !== by) });
	stopPages(progress, facts, by);
}

/** The incident is over. Undefined when it was before. */
export function resolve(
	incident: Incident,
	facts: IncidentFacts,
	answer: NewAnswer,
	now: number,
	ports: IncidentPorts,
): IncidentTransition | undefined {
	if (OVER.has(incident.status)) return undefined;
	const progress = new Progress(incident, now, ports);
	end(progress, facts, 'resolved');
	progress.tell((facts) => ({
		event: 'escalation.resolved',
		status: 'resolved',
		...facts,
		...toldAnswer(answer),
	}));
	progress.note({ action: 'resolved', ...trailOf(answer) });
	return progress.end();
}

/** Ends an incident because its caller called it off, without an event. Undefined when it was over before. */
export function cancelIncident(
	incident: Incident,
	facts: IncidentFacts,
	answer: NewAnswer,
	now: number,
	ports: IncidentPorts,
): IncidentTransition | undefined {
	if (OVER.has(incident.status)) return undefined;
	const progress = new Progress(incident, now, ports);
	end(progress, facts, 'cancelled');
	progress.note({ action: 'cancelled', ...trailOf(answer) });
	return progress.end();
}

/**
 * Starts the next step now, whatever its condition: of an acknowledged incident, which opens again, as well; of an exhausted
 * one the first. Undefined when it is over.
 */
export function escalateNow(
	incident: Incident,
	facts: IncidentFacts,
	answer: NewAnswer,
	now: number,
	ports: IncidentPorts,
): IncidentTransition | undefined {
	if (OVER.has(incident.status)) return undefined;
	const progress = new Progress(incident, now, ports);
	progress.note({ action: 'escalated', ...trailOf(answer) });
	const { status, next, step, round, policy } = incident;
	if (status === 'acknowledged') {
		progress.tell((facts) => ({
			event: 'escalation.unacknowledged',
			status: 'open',
			...facts,
			...toldAnswer(answer),
		}));
		progress.note({ action: 'unacknowledged', ...trailOf(answer) });
	}
	const from =
		status === 'open'
			? { round, step, next: next && { ...next, at: now } }
			: status === 'acknowledged' && step < policy.steps.length
				? { round, step, next: { kind: 'step' as const, round, step: step + 1, at: now } }
				: fromTheStart(now);
	progress.change({
		...from,
		next: from.next && { ...from.next, isForced: true },
		status: 'open',
		...(status === 'open' ? {} : { answers: [] }),
		unacknowledgeAt: undefined,
	});
	runDue(progress, facts);
	return progress.end();
}

const trailOf = ({ by, via, channel, note }: NewAnswer): NewAnswer => ({ by, via, channel, note });

function toldAnswer({ by, via, channel, note }: NewAnswer): {
	readonly via: string;
	readonly by?: string;
	readonly via_channel?: string;
	readonly note?: string;
} {
	return {
		via,
		...(by === undefined ? {} : { by }),
		...(channel === undefined ? {} : { via_channel: channel }),
		...(note === undefined ? {} : { note }),
	};
}
