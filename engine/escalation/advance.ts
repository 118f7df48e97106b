import type { Notification } from '../notification.ts';
import { isMet } from './conditions.ts';
import { type Incident, type NextStep, incidentDueAt } from './incident.ts';
import { Progress } from './progress.ts';
import { notePages, pageAll, pageOwnChannels, sendPending, tellStep, told } from './start-step.ts';
import type { IncidentFacts, IncidentPorts, IncidentTransition } from './transition.ts';

/**
 * Does everything of an incident that is due at `now`, in milliseconds since 1970. A step that is late, as the host was down,
 * starts now, and the next one counts from its start: steps never pile up. With nothing due, the same incident comes back.
 */
export function advance(
	incident: Incident,
	facts: IncidentFacts,
	now: number,
	ports: IncidentPorts,
): IncidentTransition {
	const progress = new Progress(incident, now, ports);
	runDue(progress, facts);
	return progress.end();
}

/** Does what is due until nothing is. Each turn takes something away or sets it to later. */
export function runDue(progress: Progress, facts: IncidentFacts): void {
	while ((incidentDueAt(progress.incident) ?? Infinity) <= progress.now) runFirst(progress, facts);
}

function runFirst(progress: Progress, facts: IncidentFacts): void {
	const { incident, now } = progress;
	const isDue = (at: number | undefined): boolean => at !== undefined && at <= now;
	if (isDue(incident.resolveAt)) {
		end(progress, facts, 'resolved');
		progress.tell((facts) => ({
			event: 'escalation.resolved',
			status: 'resolved',
			...facts,
			via: 'timeout',
		}));
		progress.note({ action: 'resolved', via: 'timeout' });
	} else if (incident.status === 'open' && isDue(incident.expiresAt)) exhaust(progress, 'expired');
	else if (isDue(incident.unacknowledgeAt)) reopen(progress);
	else if (incident.pending.some(({ at }) => isDue(at))) sendFirstPending(progress);
	else if (incident.next?.kind === 'exhausted') exhaust(progress, 'unanswered');
	else if (incident.next) startStep(progress, incident.next, facts);
}

/** Ends an incident: nothing more is due, and its pages stop. */
export function end(
	progress: Progress,
	facts: IncidentFacts,
	status: 'resolved' | 'cancelled',
): void {
	progress.change({
		status,
		endedAt: progress.now,
		next: undefined,
		pending: [],
		unacknowledgeAt: undefined,
		resolveAt: undefined,
	});
	stopPages(progress, facts);
}

/** Stops the deliveries of pages that are still to come; of one contact, or all. */
export function stopPages(progress: Progress, facts: IncidentFacts, contactId?: string): void {
	const { pages } = progress.incident;
	const isMeant = (id: string): boolean =>
		contactId === undefined ||
		pages.some((page) => page.notificationId === id && page.contactId === contactId);
	progress.stop(
		facts.notifications
			.filter(({ id, deliveries, fallbacks }) => isMeant(id) && mayBeSent(deliveries, fallbacks))
			.map(({ id }) => id),
	);
}

const mayBeSent = (
	deliveries: Notification['deliveries'],
	fallbacks: Notification['fallbacks'],
): boolean =>
	fallbacks.length > 0 ||
	deliveries.some(({ state }) => state === 'queued' || state === 'retrying' || state === 'sending');

function reopen(progress: Progress): void {
	progress.change({
		status: 'open',
		unacknowledgeAt: undefined,
		answers: [],
		// Its condition does not count: pages of before the acknowledgement would keep it back, and nobody would hear.
		...fromTheStart(progress.now, true),
	});
	progress.tell((facts) => ({
		event: 'escalation.unacknowledged',
		status: 'open',
		...facts,
		via: 'timeout',
	}));
	progress.note({ action: 'unacknowledged', via: 'timeout' });
}

/** The state of an incident whose first step is due at `at`, whatever its condition where it is forced. */
export function fromTheStart(
	at: number,
	isForced = false,
): Pick<Incident, 'round' | 'step' | 'next'> {
	const next = { kind: 'step' as const, round: 0, step: 1, at };
	return { round: 0, step: 0, next: isForced ? { ...next, isForced } : next };
}

function sendFirstPending(progress: Progress): void {
	const { pending, pages } = progress.incident;
	const first = pending.find(({ at }) => at <= progress.now);
	if (!first) return;
	progress.change({ pending: pending.filter((one) => one !== first) });
	const problems: { notify: string; message: string }[] = [];
	const notify = `contact:${first.contactId}`;
	sendPending(progress, first, (message) => problems.push({ notify, message }));
	const made = progress.incident.pages.slice(pages.length);
	const place = { round: first.round, step: first.step };
	notePages(progress, place, { pages: made, problems });
}

function startStep(progress: Progress, next: NextStep, facts: IncidentFacts): void {
	const { round, step } = next;
	const { policy, channels = [] } = progress.incident;
	const rules = policy.steps[step - 1];
	if (step === 0) {
		pageOwnChannels(progress, channels);
		progress.change({ next: following(progress, { round, step }, progress.now) });
		return;
	}
	if (!rules) {
		// A policy has at least one step, and `following` stays within them.
		exhaust(progress, 'unanswered');
		return;
	}
	const place = { round, step };
	const earlier = [...facts.notifications, ...progress.made.map((made) => made.notification)];
	const isStarting = next.isForced === true || isMet(rules.when, earlier, facts.opened);
	if (!isStarting) {
		progress.note({ action: 'step_skipped', ...place, note: rules.when });
		progress.change({ next: following(progress, place, progress.now) });
		return;
	}
	progress.change({ round, step });
	const paged = pageAll(progress, rules.notify, rules.urgency, place);
	tellStep(progress, place, paged);
	const isEmpty = paged.pages.length === 0 && !paged.isHeld;
	const after = following(progress, place, progress.now);
	// With nobody paged, nobody can answer: the next step does not wait.
	const isAtOnce = isEmpty && after.kind === 'step' && after.round === round;
	progress.change({ next: isAtOnce ? { ...after, at: progress.now } : after });
}

/** The step after one that started, or was skipped, at `at`. */
function following(
	{ incident: { policy } }: Progress,
	{ round, step }: { readonly round: number; readonly step: number },
	at: number,
): NextStep {
	const { steps, repeat } = policy;
	const next = steps[step];
	if (next) return { kind: 'step', round, step: step + 1, at: at + ms(next.after_s) };
	if (round < repeat) {
		return { kind: 'step', round: round + 1, step: 1, at: at + ms(policy.repeat_after_s) };
	}
	const wait = Math.max(1000, ms(steps[step - 1]?.after_s ?? 0));
	return { kind: 'exhausted', round, step, at: at + wait };
}

const ms = (seconds: number): number => Math.round(seconds * 1000);

/** The end without an answer. Pages that are still to come by a contact's rules go out all the same. */
function exhaust(progress: Progress, reason: 'unanswered' | 'expired'): void {
	const { policy, round, step, pending } = progress.incident;
	progress.change({
		status: 'exhausted',
		next: undefined,
		pending: reason === 'expired' ? [] : pending,
		// Its time is over; whoever is told now must still hear of it.
		...(reason === 'expired' ? { expiresAt: undefined } : {}),
	});
	const notify = policy.on_exhausted?.notify ?? [];
	const place = { round, step };
	const paged = pageAll(progress, notify, 'important', { ...place, isExhausted: true });
	progress.tell((facts) => ({
		event: 'escalation.exhausted',
		status: 'exhausted',
		...facts,
		reason,
		pages: told(paged.pages),
	}));
	progress.note({ action: 'exhausted', ...place, note: reason });
	notePages(progress, place, paged);
}
