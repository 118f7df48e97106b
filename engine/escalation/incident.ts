import type { Source } from '../about.ts';
import type { SendRequest } from '../notification.ts';
import type { PolicyBody, Urgency } from './policy.ts';

export const INCIDENT_STATUSES = [
	'open',
	'acknowledged',
	'resolved',
	'exhausted',
	'cancelled',
] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Nothing follows these. Only one incident that is not over can have a deduplication key. */
export const OVER: ReadonlySet<IncidentStatus> = new Set(['resolved', 'cancelled']);

/** The text of an incident and the addresses that its send gave; every page has it. */
export interface IncidentContent {
	readonly message: string;
	readonly subject?: string | undefined;
	readonly metadata: Readonly<Record<string, unknown>>;
	readonly source?: Source | undefined;
	readonly priority: 'critical' | 'normal';
	/** Addresses for channels that a step names. */
	readonly recipient?: SendRequest['recipient'];
	readonly retry?: SendRequest['retry'];
	/** As `Notification.depth`. */
	readonly depth?: number | undefined;
}

/** A page that waits: for a contact's rule, or for quiet hours to end. */
export interface PendingPage {
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly round: number;
	readonly step: number;
	readonly urgency: Urgency;
	readonly contactId: string;
	readonly channels: readonly string[];
	readonly onCall?: string | undefined;
	/** As `Page.isExhausted`. */
	readonly isExhausted?: true | undefined;
}

/** A page that was made: a notification of a step. */
export interface Page {
	readonly notificationId: string;
	readonly at: number;
	/** From 0: the round of the policy's steps, and from 1 the step; 0 is the send's own channels. */
	readonly round: number;
	readonly step: number;
	/** The contact that it went to; absent for a channel that is nobody's in particular. */
	readonly contactId?: string | undefined;
	/** The on-call through which the contact was found. */
	readonly onCall?: string | undefined;
	/** `telegram:bot`. */
	readonly channels: readonly string[];
	/** It says that nobody answered, and is none of the step's own: `ack: all` does not wait for its contact. */
	readonly isExhausted?: true | undefined;
}

/** The way in which an answer came. */
export type AnswerWay = 'api' | 'link' | 'telegram' | 'cli' | 'timeout' | 'send';

/** Somebody's answer: an acknowledgement or a resolution. */
export interface IncidentAnswer {
	readonly at: number;
	/** The id of a contact, or any name. */
	readonly by?: string | undefined;
	readonly via: AnswerWay;
	/** The channel whose message held the link or the button, as `telegram:bot`. */
	readonly channel?: string | undefined;
	readonly note?: string | undefined;
}

/** A line of an incident's audit trail. */
export interface TrailEntry {
	readonly at: number;
	readonly action:
		| 'opened'
		| 'triggered'
		| 'step_started'
		| 'step_skipped'
		| 'page_failed'
		| 'paged'
		| 'acknowledged'
		| 'unacknowledged'
		| 'escalated'
		| 'resolved'
		| 'exhausted'
		| 'cancelled';
	readonly step?: number | undefined;
	readonly round?: number | undefined;
	readonly by?: string | undefined;
	readonly via?: AnswerWay | undefined;
	readonly channel?: string | undefined;
	/** A note of the person, or the reason in words. */
	readonly note?: string | undefined;
}

/** The next thing that an incident does on its own. */
export interface NextStep {
	readonly kind: 'step' | 'exhausted';
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly round: number;
	/** From 1; 0 is the send's own channels. */
	readonly step: number;
	/** Somebody asked for it: its condition does not count. */
	readonly isForced?: true;
}

/** An alarm that is escalated: one per deduplication key while it is not over. The whole state from which the next step is decided. */
export interface Incident {
	readonly id: string;
	/** The id of its first page's notification, which is known before that page is made. */
	readonly notificationId: string;
	/** The keeper of its deduplication key: `key:NAME` of an API key. */
	readonly owner: string;
	readonly dedupKey?: string | undefined;
	readonly status: IncidentStatus;
	readonly openedAt: number;
	/** When it was resolved or cancelled. */
	readonly endedAt?: number | undefined;
	/** The policy as it was when the incident opened; later changes of it do not count. */
	readonly policy: PolicyBody;
	readonly policyName?: string | undefined;
	readonly content: IncidentContent;
	/** Channels of the send itself: step 0. */
	readonly channels?: readonly string[] | undefined;
	/** The step that started last; 0 before the first. A step that was skipped did not start. */
	readonly round: number;
	readonly step: number;
	readonly next?: NextStep | undefined;
	readonly pending: readonly PendingPage[];
	readonly pages: readonly Page[];
	/** Its acknowledgements since it opened, or opened again. */
	readonly answers: readonly IncidentAnswer[];
	/** Time at which an acknowledged incident opens again. */
	readonly unacknowledgeAt?: number | undefined;
	/** Time at which it resolves by itself. */
	readonly resolveAt?: number | undefined;
	/** Time after which nobody is paged any more: the send's `expires_at`. */
	readonly expiresAt?: number | undefined;
	/** Sends with its key after the one that opened it. */
	readonly triggers: number;
	/** The number of its newest event. */
	readonly sequence: number;
	/** The newest entries, the oldest first. */
	readonly trail: readonly TrailEntry[];
}

/** The first time at which an incident has something to do; undefined while it waits for somebody else. */
export function incidentDueAt(incident: Incident): number | undefined {
	const times = [
		incident.next?.at,
		...incident.pending.map(({ at }) => at),
		incident.unacknowledgeAt,
		incident.resolveAt,
		incident.status === 'open' ? incident.expiresAt : undefined,
	].filter((time) => time !== undefined);
	return times.length > 0 ? Math.min(...times) : undefined;
}
