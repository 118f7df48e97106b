import {
	type Incident,
	type IncidentAnswer,
	firstCharacters,
	isoTime,
	MESSAGE_CHARACTERS,
	missingAnswers,
	type Page,
	type PendingPage,
	type TrailEntry,
} from '@sureping/engine';
import type { z } from 'zod/v4';
import type { ApiKey } from '../../../config/config.ts';
import type { answeredSchema, listedIncidentSchema, incidentSchema } from './schemas.ts';

type Shown = z.infer<typeof incidentSchema>;
type Brief = z.infer<typeof listedIncidentSchema>;

/** An incident with everything that is known of it. */
export function toWire(incident: Incident): Shown {
	const { owner, content, pending, pages, answers, trail, policy } = incident;
	const { message, metadata, source, priority } = content;
	return {
		...commonOf(incident),
		owner,
		message,
		metadata: { ...metadata },
		...(source ? { source: { ...source } } : {}),
		priority,
		answers: answers.map(answerToWire),
		waiting_for: incident.status === 'open' ? [...missingAnswers(incident, answers)] : [],
		pending: pending.map((page) => ({ at: isoTime(page.at), ...partyOf(page) })),
		pages: pages.map((page) => ({
			notification_id: page.notificationId,
			at: isoTime(page.at),
			...partyOf(page),
		})),
		trail: trail.map(entryToWire),
		policy_at_opening: policy,
	};
}

/** An incident in a list: the start of its message, and its newest answer. */
export function toBrief(incident: Incident): Brief {
	const latest = incident.answers.at(-1);
	return {
		...commonOf(incident),
		message: firstCharacters(incident.content.message, MESSAGE_CHARACTERS),
		...(latest ? { last_answer: answerToWire(latest) } : {}),
	};
}

/** An incident after an answer: whole for a key that may read, else only its state. */
export function toAnswered(
	incident: Incident,
	{ scopes }: Pick<ApiKey, 'scopes'>,
): Shown | z.infer<typeof answeredSchema> {
	const mayRead = scopes.includes('read') || scopes.includes('admin');
	const { id, dedup_key, status, ...rest } = toWire(incident);
	const brief = { id, ...(dedup_key === undefined ? {} : { dedup_key }), status };
	return mayRead ? { ...brief, ...rest } : brief;
}

function commonOf(incident: Incident): Omit<Brief, 'message' | 'last_answer'> {
	const { id, notificationId, dedupKey, status, policyName, step, round, content, triggers, next } =
		incident;
	const { openedAt, endedAt, unacknowledgeAt, resolveAt, expiresAt } = incident;
	return {
		id,
		notification_id: notificationId,
		...optional('dedup_key', dedupKey),
		status,
		...optional('policy', policyName),
		step,
		round,
		opened_at: isoTime(openedAt),
		...optionalTime('ended_at', endedAt),
		...optional('subject', content.subject),
		triggers,
		...(next
			? { next: { kind: next.kind, at: isoTime(next.at), step: next.step, round: next.round } }
			: {}),
		...optionalTime('acknowledged_until', unacknowledgeAt),
		...optionalTime('resolves_at', resolveAt),
		...optionalTime('expires_at', expiresAt),
	};
}

function answerToWire({ at, by, via, channel, note }: IncidentAnswer): Shown['answers'][number] {
	return {
		at: isoTime(at),
		...optional('by', by),
		via,
		...optional('via_channel', channel),
		...optional('note', note),
	};
}

function entryToWire(entry: TrailEntry): Shown['trail'][number] {
	const { at, action, step, round, by, via, channel, note } = entry;
	return {
		at: isoTime(at),
		action,
		...optional('step', step),
		...optional('round', round),
		...optional('by', by),
		...optional('via', via),
		...optional('via_channel', channel),
		...optional('note', note),
	};
}

function partyOf({ step, round, contactId, onCall, channels }: Page | PendingPage) {
	return {
		step,
		round,
		...optional('contact_id', contactId),
		...optional('on_call', onCall),
		channels: [...channels],
	};
}

/** A member that is left out where it has no value. */
function optional<Name extends string, Value>(
	name: Name,
	value: Value | undefined,
): Partial<Record<Name, Value>> {
	// The computed key is all that it has.
	return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;
}

const optionalTime = <Name extends string>(
	name: Name,
	ms: number | undefined,
): Partial<Record<Name, string>> => optional(name, ms === undefined ? undefined : isoTime(ms));
