import type { Incident, IncidentStatus, IncidentStep, IncidentTransition } from '@sureping/engine';
import type { Progress } from './leases.ts';
import type { Page, PageRequest } from './pages.ts';
import type { AcceptResult, Callback, Idempotency, QuotaPeriod, SendAnswer } from './sends.ts';

/** Incidents, with their pages. Changes to one incident are serialised, also between processes. */
export interface Incidents {
	/**
	 * Stores a new incident with its first pages and events, or finds the one that has its deduplication key and is not over:
	 * then `onRepeated` is applied to that one and nothing else is stored.
	 */
	open(opening: Opening): Promise<OpenResult>;
	/** Ids of incidents that are due, the longest due first. */
	due(now: number, limit: number): Promise<readonly string[]>;
	/** The first time after `time` at which an incident is due. */
	nextAt(time: number): Promise<number | undefined>;
	/**
	 * Applies a step to an incident as it is now, with the facts about its pages, and stores the result whole: the incident,
	 * new notifications with their events, and the pending deliveries of `stopped` as cancelled. A step that returns the same
	 * incident and nothing else writes nothing. Undefined where there is no such incident. `progress` is noted with it, also
	 * when nothing else is written.
	 */
	change(
		id: string,
		step: IncidentStep,
		progress?: Progress,
	): Promise<IncidentTransition | undefined>;
	get(id: string): Promise<Incident | undefined>;
	/** Newest first. */
	list(filter: IncidentFilter, page: PageRequest): Promise<Page<Incident>>;
	/** Ids of the incidents that have a deduplication key and are not over; of one owner, or of all. */
	withKey(dedupKey: string, owner?: string): Promise<readonly string[]>;
	/** The incident that a notification is a page of. */
	ofNotification(notificationId: string): Promise<string | undefined>;
}

export interface Opening {
	readonly transition: IncidentTransition;
	readonly apiKey: string;
	/** For its events and those of all its pages. */
	readonly callbacks?: readonly Callback[];
	readonly idempotency?: Idempotency | undefined;
	readonly quota?: QuotaPeriod | undefined;
	readonly answer: SendAnswer;
	/** The step for the incident that has its deduplication key. */
	readonly onRepeated: IncidentStep;
}

export interface OpenResult {
	/** As for sends; `joined`: an incident with its key is not over, and this send was added to it. */
	readonly result: AcceptResult['result'] | 'joined';
	/** For `repeated` and `conflict` the first answer; for `joined` that of the earlier incident. */
	readonly answer: SendAnswer;
}

export interface IncidentFilter {
	readonly status?: IncidentStatus | undefined;
	readonly dedupKey?: string | undefined;
}
