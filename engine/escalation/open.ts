import type { Problem } from '../dispatch/plan.ts';
import { runDue } from './advance.ts';
import type { Incident } from './incident.ts';
import type { IncidentOpening } from './opening.ts';
import { problemsOfOpening } from './problems.ts';
import { Progress } from './progress.ts';
import type { IncidentFacts, IncidentPorts, IncidentTransition } from './transition.ts';

export type OpenedIncident =
	| { readonly ok: true; readonly transition: IncidentTransition }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/** The facts of a step that looks at no page, such as `repeated`. */
export const NO_FACTS: IncidentFacts = { notifications: [], opened: new Set() };

/** Opens an incident and does what is due at once, or lists everything that is wrong with the request. */
export function openIncident(
	opening: IncidentOpening,
	now: number,
	ports: IncidentPorts,
): OpenedIncident {
	const problems = problemsOfOpening(opening, now, ports);
	if (problems.length > 0) return { ok: false, problems };
	const { owner, dedupKey, policy, policyName, content, channels = [], expiresAt } = opening;
	const start = Math.max(now, opening.startsAt ?? now);
	const [first] = policy.steps;
	const incident: Incident = {
		id: ports.newId('inc'),
		notificationId: ports.newId('msg'),
		owner,
		dedupKey,
		status: 'open',
		openedAt: now,
		policy,
		policyName,
		content,
		round: 0,
		step: 0,
		...(channels.length > 0 ? { channels } : {}),
		next:
			channels.length > 0
				? { kind: 'step', round: 0, step: 0, at: start }
				: { kind: 'step', round: 0, step: 1, at: start + Math.round((first?.after_s ?? 0) * 1000) },
		pending: [],
		pages: [],
		answers: [],
		resolveAt:
			policy.resolve_after_s === undefined
				? undefined
				: start + Math.round(policy.resolve_after_s * 1000),
		expiresAt,
		triggers: 0,
		sequence: 0,
		trail: [],
	};
	const progress = new Progress(incident, now, ports);
	progress.tell((facts) => ({ event: 'escalation.opened', status: 'open', ...facts }));
	progress.note({ action: 'opened', note: policyName });
	runDue(progress, NO_FACTS);
	return { ok: true, transition: progress.end() };
}

/** A send with the key of an incident that is not over: it is counted, and nobody is paged. */
export function repeated(
	incident: Incident,
	now: number,
	ports: IncidentPorts,
): IncidentTransition {
	const progress = new Progress(incident, now, ports);
	progress.change({ triggers: incident.triggers + 1 });
	progress.note({ action: 'triggered', via: 'send' });
	return progress.end();
}
