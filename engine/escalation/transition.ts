import type { Transition } from '../dispatch/index.ts';
import type { CatalogEntry } from '../dispatch/plan.ts';
import type { EscalationEvent } from '../event.ts';
import type { NewId } from '../ids.ts';
import type { Notification } from '../notification.ts';
import type { Directory } from './directory.ts';
import type { Incident } from './incident.ts';

/** The result of a step of an incident. A host stores all of it in one transaction, or none. */
export interface IncidentTransition {
	readonly incident: Incident;
	/** New pages, each with its events. */
	readonly notifications: readonly Transition[];
	/** Ids of notifications whose pending deliveries are to be cancelled. */
	readonly stopped: readonly string[];
	/** New events of the incident, in the order in which they happened. */
	readonly events: readonly EscalationEvent[];
}

/** The transition of a step that changes nothing. */
export const unchangedIncident = (incident: Incident): IncidentTransition => ({
	incident,
	notifications: [],
	stopped: [],
	events: [],
});

/** The facts that a step is decided by. */
export interface IncidentFacts {
	/** The notifications of the incident's pages, as far as they are still stored. */
	readonly notifications: readonly Notification[];
	/** Ids of those that were opened or read. */
	readonly opened: ReadonlySet<string>;
}

/** The ports of a step. */
export interface IncidentPorts {
	readonly directory: Directory;
	readonly catalog: readonly CatalogEntry[];
	readonly newId: NewId;
	/** The parts of the text that events repeat. */
	readonly about: { readonly includeMessage: boolean };
	/** The end of the quiet hours of a contact that hold at `at`, or `skip`; undefined where none do. */
	quietUntil(contactId: string, at: number): number | 'skip' | undefined;
}

/** The party of an answering link: a contact, else the channel that holds the message. */
export interface AnswerParty {
	readonly contactId?: string | undefined;
	/** `slack:ops-slack`. */
	readonly channel: string;
}

/** A step of an incident on the facts that a host finds. */
export type IncidentStep = (incident: Incident, facts: IncidentFacts) => IncidentTransition;
