import type { EscalationStepEvent } from '../event.ts';
import type { Contact } from './contact.ts';
import type { Page, PendingPage } from './incident.ts';
import { notifyTarget } from './notify-target.ts';
import { makePage, type PageDraft } from './page.ts';
import type { Urgency } from './policy.ts';
import type { Progress } from './progress.ts';
import { addressesOf, reachOf } from './reach.ts';

/** A party that could not be paged, and why. */
interface PageProblem {
	readonly notify: string;
	readonly message: string;
}

/** The place of pages in a policy: 0 is the step of the send's own channels. */
interface Place {
	readonly round: number;
	readonly step: number;
	/** As `Page.isExhausted`. */
	readonly isExhausted?: true | undefined;
}

/** The pages of a list of parties: those made, whether others wait, and the parties that could not be paged. */
export interface Paged {
	readonly pages: readonly Page[];
	readonly isHeld: boolean;
	readonly problems: readonly PageProblem[];
}

/** Pages every party of a list, or notes when it is to be paged. */
export function pageAll(
	progress: Progress,
	notify: readonly string[],
	urgency: Urgency,
	place: Place,
): Paged {
	const before = progress.incident.pages.length;
	const waiting = progress.incident.pending.length;
	const problems: PageProblem[] = [];
	const paged = new Set<string>();
	for (const text of notify) {
		const refuse = (message: string): void => void problems.push({ notify: text, message });
		const target = notifyTarget(text);
		if (target.kind === 'channel') {
			const { recipient } = progress.incident.content;
			const draft = { references: [target.reference], recipient };
			page(progress, { ...draft, isImportant: urgency === 'important' }, place, {}, refuse);
			continue;
		}
		const onCall = target.kind === 'on_call' ? target.name : undefined;
		const ids = target.kind === 'contact' ? [target.id] : onDuty(progress, target.name, refuse);
		for (const id of ids) {
			const contact = progress.ports.directory.contact(id);
			if (!contact) refuse(`there is no contact ${id}`);
			// Their answer is not enough, as a step asks for all, and they are not asked again.
			else if (hasAnswered(progress, id)) refuse(`${id} has answered`);
			// Two lists may name the same person, who is paged once.
			else if (!paged.has(id)) pageContact(progress, contact, urgency, place, onCall, refuse);
			paged.add(id);
		}
	}
	const { pages, pending } = progress.incident;
	return { pages: pages.slice(before), isHeld: pending.length > waiting, problems };
}

const hasAnswered = ({ incident }: Progress, contactId: string): boolean =>
	incident.answers.some(({ by }) => by === contactId);

function onDuty(
	{ ports, now }: Progress,
	name: string,
	refuse: (message: string) => void,
): readonly string[] {
	const duty = ports.directory.duty(name, now);
	if (!duty) refuse(`there is no on-call ${name}`);
	else if (duty.who.length === 0) refuse(duty.nobody ?? 'nobody is on call');
	else if (duty.warning !== undefined) refuse(duty.warning);
	return duty?.who ?? [];
}

function pageContact(
	progress: Progress,
	contact: Contact,
	urgency: Urgency,
	place: Place,
	onCall: string | undefined,
	refuse: (message: string) => void,
): void {
	for (const { afterMs, channels } of reachOf(contact, urgency)) {
		const waiting: PendingPage = {
			at: progress.now + afterMs,
			...place,
			urgency,
			contactId: contact.id,
			channels,
			onCall,
		};
		if (afterMs > 0) wait(progress, waiting);
		else sendPending(progress, waiting, refuse);
	}
}

/** Pages the channels of the send itself, in one notification. */
export function pageOwnChannels(progress: Progress, references: readonly string[]): void {
	const { incident, now, ports } = progress;
	const { recipient } = incident.content;
	const made = makePage(incident, { references, recipient, isImportant: false }, now, ports);
	const place = { round: 0, step: 0 };
	const { transition, channels, problems } = made;
	if (transition) {
		const { id: notificationId } = transition.notification;
		progress.page(transition, { notificationId, at: now, ...place, channels });
	}
	tellStep(progress, place, {
		pages: progress.incident.pages,
		isHeld: false,
		problems: problems.map((message) => ({ notify: references.join(', '), message })),
	});
}

/** Makes a page whose time has come, unless quiet hours hold it. */
export function sendPending(
	progress: Progress,
	pending: PendingPage,
	refuse: (message: string) => void,
): void {
	const { contactId, channels, urgency, onCall, round, step, isExhausted } = pending;
	const { ports, now, incident } = progress;
	const contact = ports.directory.contact(contactId);
	if (!contact) {
		refuse(`there is no contact ${contactId}`);
		return;
	}
	const isLoud = urgency === 'important' || incident.content.priority === 'critical';
	const quiet = isLoud ? undefined : ports.quietUntil(contactId, now);
	if (quiet === 'skip') {
		refuse(`${contactId} has quiet hours`);
		return;
	}
	if (quiet !== undefined && quiet > now) {
		wait(progress, { ...pending, at: quiet });
		return;
	}
	const addresses = addressesOf(contact, channels);
	const missing = channels.filter((name) => !contact.addresses.some((a) => a.channel === name));
	for (const name of missing) refuse(`${contactId} has no address on ${name}`);
	const draft: PageDraft = {
		references: addresses.map(({ reference }) => reference),
		recipient: Object.fromEntries(addresses.map((one) => [one.reference, one.address])),
		contactId,
		isImportant: urgency === 'important',
	};
	if (addresses.length > 0)
		page(progress, draft, { round, step, isExhausted }, { contactId, onCall }, refuse);
}

function wait(progress: Progress, pending: PendingPage): void {
	progress.change({ pending: [...progress.incident.pending, pending] });
}

function page(
	progress: Progress,
	draft: PageDraft,
	place: Place,
	party: Pick<Page, 'contactId' | 'onCall'>,
	refuse: (message: string) => void,
): void {
	const { ports, now, incident } = progress;
	const made = makePage(incident, draft, now, ports);
	for (const problem of made.problems) refuse(problem);
	if (!made.transition) return;
	progress.page(made.transition, {
		notificationId: made.transition.notification.id,
		at: now,
		...place,
		...party,
		channels: made.channels,
	});
}

/** Pages as events show them. */
export const told = (pages: readonly Page[]): EscalationStepEvent['pages'] =>
	pages.map(({ notificationId, contactId, onCall, channels }) => ({
		notification_id: notificationId,
		...(contactId === undefined ? {} : { contact_id: contactId }),
		...(onCall === undefined ? {} : { on_call: onCall }),
		channels: [...channels],
	}));

/** Tells of a step that started, in an event and in the trail. */
export function tellStep(progress: Progress, place: Place, { pages, problems }: Paged): void {
	progress.tell((facts): EscalationStepEvent => ({
		event: 'escalation.step_started',
		status: 'open',
		...facts,
		...place,
		pages: told(pages),
		...(problems.length > 0 ? { problems: problems.map((one) => ({ ...one })) } : {}),
	}));
	progress.note({ action: 'step_started', ...place });
	notePages(progress, place, { pages, problems });
}

/** Adds who was paged, and who could not be, to the trail. */
export function notePages(
	progress: Progress,
	place: Place,
	{ pages, problems }: Pick<Paged, 'pages' | 'problems'>,
): void {
	for (const { contactId, channels } of pages) {
		progress.note({ action: 'paged', ...place, by: contactId, note: channels.join(', ') });
	}
	for (const { notify, message } of problems) {
		progress.note({ action: 'page_failed', ...place, note: `${notify}: ${message}` });
	}
}
