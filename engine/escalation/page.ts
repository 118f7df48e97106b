import {
	accept,
	type AddressBook,
	type Plan,
	planSend,
	type Transition,
} from '../dispatch/index.ts';
import type { NewId } from '../ids.ts';
import type { SendRequest } from '../notification.ts';
import { isoTime } from '../time.ts';
import type { Incident } from './incident.ts';
import type { IncidentPorts } from './transition.ts';

/** A page to make: the channels, and the addresses on them where they are not those of the incident's send. */
export interface PageDraft {
	/** `telegram` or `telegram:bot`. */
	readonly references: readonly string[];
	readonly recipient?: SendRequest['recipient'];
	readonly contactId?: string | undefined;
	readonly isImportant: boolean;
}

/** A page as a notification, and the channels that could not be used. */
export interface MadePage {
	readonly transition?: Transition;
	/** The connections that it uses. */
	readonly channels: readonly string[];
	readonly problems: readonly string[];
}

/**
 * Makes the notification of a page. A channel that cannot be used, as its connection is gone or refuses the address, does not
 * keep the others back.
 */
export function makePage(
	incident: Incident,
	draft: PageDraft,
	now: number,
	ports: IncidentPorts,
): MadePage {
	const problems: string[] = [];
	const people = peopleOf(ports);
	const usable = draft.references.filter((reference) => {
		const request = requestOf(incident, draft, [reference]);
		const plan = planSend(request, ports.catalog, now, people);
		if (!plan.ok) problems.push(...plan.problems.map(({ message }) => `${reference}: ${message}`));
		return plan.ok;
	});
	if (usable.length === 0) return { channels: [], problems };
	const request = requestOf(incident, draft, usable);
	const plan = planSend(request, ports.catalog, now, people);
	if (!plan.ok) {
		const more = plan.problems.map(({ message }) => message);
		return { channels: [], problems: [...problems, ...more] };
	}
	const isFirst = incident.pages.length === 0;
	const newId: NewId = (prefix) =>
		isFirst && prefix === 'msg' ? incident.notificationId : ports.newId(prefix);
	const accepted = accept(ofContact(plan.plan, draft), now, newId, incident.content.depth);
	const notification = { ...accepted.notification, incidentId: incident.id };
	const transition = { ...accepted, notification };
	const channels = transition.notification.deliveries.map(
		({ channel, connection }) => `${channel}:${connection}`,
	);
	return { transition, channels, problems };
}

/** Those whom the recipient of the incident's send may name. */
const peopleOf = ({ directory, quietUntil }: IncidentPorts): AddressBook => ({
	...directory,
	quietUntil,
});

/** The plan of a page with its contact, whose addresses it has already. */
function ofContact(plan: Plan, { contactId }: PageDraft): Plan {
	if (contactId === undefined) return plan;
	return { ...plan, targets: plan.targets.map((target) => ({ ...target, contactId })) };
}

function requestOf(
	{ content, expiresAt }: Pick<Incident, 'content' | 'expiresAt'>,
	{ recipient, isImportant }: PageDraft,
	channels: readonly string[],
): SendRequest {
	const { message, subject, metadata, source, priority, retry } = content;
	return {
		message,
		channels: [...channels],
		metadata: { ...metadata },
		priority: isImportant ? 'critical' : priority,
		...(recipient === undefined ? {} : { recipient }),
		...(subject === undefined ? {} : { subject }),
		...(source === undefined ? {} : { source }),
		...(retry === undefined ? {} : { retry }),
		...(expiresAt === undefined ? {} : { expires_at: isoTime(expiresAt) }),
	};
}
