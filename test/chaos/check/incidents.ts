import { join } from 'node:path';
import type { Incident } from '@sureping/engine';
import { drawPolicy } from '../incident-plan.ts';
import { type Noted, readJournal } from '../journal.ts';
import { type ChaosPlan, readPlan } from '../plan.ts';
import {
	type FeedLine,
	type IncidentLine,
	JOURNALS,
	type KillerLine,
	type SinkLine,
} from '../records.ts';
import { openReader } from '../store/open.ts';
import type { StoredIncidents } from '../store/stored.ts';
import type { CheckResult } from './check.ts';

/** The journals of the processes around a run with incidents, and the content of the store. */
export interface IncidentEvidence {
	readonly plan: ChaosPlan;
	readonly load: readonly Noted<IncidentLine>[];
	readonly killer: readonly Noted<KillerLine>[];
	readonly channel: readonly Noted<SinkLine>[];
	readonly feed: readonly FeedLine[];
	readonly stored: StoredIncidents;
}

interface IncidentCheck {
	readonly name: string;
	violations(evidence: IncidentEvidence): Iterable<string>;
}

/** A request that was under way when an incident was acknowledged may still arrive: longer than an attempt takes. */
const UNDER_WAY_MS = 1_500;

export async function gatherIncidents(directory: string): Promise<IncidentEvidence> {
	const plan = readPlan(directory);
	const read = <Line extends object>(name: keyof typeof JOURNALS): readonly Noted<Line>[] =>
		readJournal<Line>(join(directory, JOURNALS[name]));
	return {
		plan,
		load: read('incidents'),
		killer: read('killer'),
		channel: read('channel'),
		feed: read('feed'),
		stored: await openReader(plan.store).readIncidents(),
	};
}

const openedIn = ({ load }: IncidentEvidence) => load.filter((line) => line.kind === 'opened');

export const INCIDENT_CHECKS: readonly IncidentCheck[] = [
	{
		name: 'every incident that was told to its caller is in the store',
		*violations(evidence) {
			const stored = new Set(evidence.stored.incidents.map(({ id }) => id));
			for (const { n, id } of openedIn(evidence)) {
				if (!stored.has(id)) yield `send ${n} was told of ${id}, which is lost`;
			}
		},
	},
	{
		name: 'every answer that was told is in the store',
		*violations({ load, stored }) {
			const byId = new Map(stored.incidents.map((one) => [one.id, one]));
			for (const line of load) {
				if (line.kind !== 'answered') continue;
				const action = line.answer === 'resolve' ? 'resolved' : 'acknowledged';
				const isThere = byId
					.get(line.id)
					?.trail.some((entry) => entry.action === action || entry.action === 'resolved');
				if (!isThere) yield `${line.id} was ${action}, and does not know`;
			}
		},
	},
	{
		name: 'every incident ends',
		*violations({ stored }) {
			for (const { id, status, next, pending } of stored.incidents) {
				if (status === 'open' || next || pending.length > 0) yield `${id} is ${status}`;
			}
		},
	},
	{
		name: 'every step paged its parties once',
		*violations({ stored }) {
			for (const { id, pages, trail, policy } of stored.incidents) {
				const openings = 1 + trail.filter(({ action }) => action === 'unacknowledged').length;
				const places = Map.groupBy(
					pages.filter(({ isExhausted }) => !isExhausted),
					({ round, step }) => `${round} ${step}`,
				);
				for (const [place, made] of places) {
					if (made.length > openings) yield `${id} paged for ${place} ${made.length} times`;
				}
				const started = trail.filter(({ action }) => action === 'step_started');
				for (const { round, step } of started) {
					if (!places.has(`${round} ${step}`)) yield `${id} did not page for ${round} ${step}`;
				}
				const isEarly = started.some(({ step = 0, round, at }, i) => {
					const before = started[i - 1];
					if (!before || before.round !== round || (before.step ?? 0) + 1 !== step) return false;
					return at - before.at < 1000 * (policy.steps[step - 1]?.after_s ?? 0);
				});
				if (isEarly) yield `${id} started a step early`;
			}
		},
	},
	{
		name: 'every page reached its channel',
		*violations({ stored, channel }) {
			const came = new Set(channel.flatMap((one) => (one.kind === 'came' ? [one.n] : [])));
			for (const { id, pages, content, status } of stored.incidents) {
				if (status !== 'exhausted' || pages.length === 0) continue;
				if (!came.has(numberOf(content))) yield `${id} paged, and nothing came`;
			}
		},
	},
	{
		name: 'no page follows an acknowledgement',
		*violations({ load, channel, killer, stored }) {
			const deaths = killer.filter((line) => line.kind === 'died' && line.how !== 'stopped');
			const byId = new Map(stored.incidents.map((one) => [one.id, one]));
			const came = Map.groupBy(
				channel.flatMap((one) => (one.kind === 'came' ? [one] : [])),
				({ n }) => n,
			);
			for (const line of load) {
				if (line.kind !== 'answered') continue;
				const incident = byId.get(line.id);
				if (!incident || incident.trail.some(({ action }) => action === 'unacknowledged')) continue;
				for (const request of came.get(numberOf(incident.content)) ?? []) {
					const late = request.at - line.at;
					// An attempt that was under way when its runner was killed is made once more: the documented window.
					const isCutOff = deaths.some(({ at }) => line.at < at && at < request.at);
					if (late > UNDER_WAY_MS && !isCutOff)
						yield `${line.id} was paged ${late} ms after its answer`;
				}
			}
		},
	},
	{
		name: 'events of an incident have no gaps',
		*violations({ stored }) {
			const events = Map.groupBy(stored.events, ({ incidentId }) => incidentId);
			for (const { id, sequence } of stored.incidents) {
				const found = (events.get(id) ?? []).map((one) => one.sequence);
				const isWhole = found.length === sequence && found.every((one, i) => one === i + 1);
				if (!isWhole) yield `${id} counts ${sequence} events and has ${found.join(', ')}`;
			}
		},
	},
	{
		name: 'the feed gave every event of an incident once, in order',
		*violations({ stored, feed }) {
			const own = new Set(stored.events.map(({ id }) => id));
			const given = feed.flatMap(({ events }) => events).filter((id) => own.has(id));
			const different = stored.events.findIndex(({ id }, i) => given[i] !== id);
			if (different >= 0) yield `event ${different + 1} is not the one that the feed gave`;
			if (given.length > own.size) yield `the feed gave ${given.length} events of ${own.size}`;
		},
	},
	{
		name: 'the runners were killed as often as was asked for',
		*violations({ plan, killer }) {
			const kills = killer.filter((line) => line.kind === 'died' && line.how !== 'stopped');
			if (kills.length !== plan.kills) yield `there were ${kills.length} kills`;
			const own = kills.filter((line) => line.kind === 'died' && line.how === 'itself');
			if (own.length > 0) yield `${own.length} lives ended by themselves`;
		},
	},
	{
		name: 'the database is whole',
		violations: ({ stored }) => stored.damage,
	},
];

/** The number of the send that opened it. */
const numberOf = ({ metadata }: Incident['content']): number => Number(metadata.n);

export const judgeIncidents = (evidence: IncidentEvidence): readonly CheckResult[] =>
	INCIDENT_CHECKS.map(({ name, violations }) => ({ name, violations: [...violations(evidence)] }));

export function figuresOfIncidents(
	evidence: IncidentEvidence,
): readonly (readonly [string, number])[] {
	const { stored, load, channel, killer, plan } = evidence;
	const opened = openedIn(evidence);
	const policies = new Set(
		opened.map(({ policy }) => JSON.stringify(drawPolicy(plan.seed, policy))),
	);
	const deaths = killer.flatMap((line) => (line.kind === 'died' ? [line.how] : []));
	return [
		['kills', deaths.length],
		...[...Map.groupBy(deaths, (how) => how)].map(
			([how, all]) => [`  ${how}`, all.length] as const,
		),
		['policies', policies.size],
		['incidents', stored.incidents.length],
		...[...Map.groupBy(stored.incidents, ({ status }) => status)].map(
			([status, all]) => [`  ${status}`, all.length] as const,
		),
		['sends that joined one', opened.filter(({ isJoined }) => isJoined).length],
		['answers', load.length - opened.length],
		['pages', stored.incidents.reduce((sum, { pages }) => sum + pages.length, 0)],
		['requests at the channel', channel.filter(({ kind }) => kind === 'came').length],
		['events of incidents', stored.events.length],
	];
}
