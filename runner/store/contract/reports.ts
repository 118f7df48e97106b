import type { OneTimeToken, OwnEvent, ProviderId, ReceivedEvent, TokenUse } from '@sureping/engine';
import type { Delivered } from '../../metrics/time-to-delivered.ts';
import type { Page, PageRequest } from './pages.ts';

/** Providers' reports on messages, and the one-time tokens of their requests. */
export interface Reports {
	/**
	 * Stores each report once, however often it is sent, together with its consequences. Applies those on messages that
	 * were sent from here: now, or when the message's id becomes known.
	 */
	take(reports: readonly ReceivedEvent[], intake: ReportIntake): Promise<TakenReports>;
	/** Forwards a part of the reports that have waited long enough for their message; true while there is more. */
	forwardDue(): Promise<boolean>;
	/** Forwards an unmatched report; resolves with the state that it was in. */
	forward(id: string): Promise<ReportState | undefined>;
	get(id: string): Promise<StoredReport | undefined>;
	/** Newest first. */
	list(filter: ReportFilter, page: PageRequest): Promise<Page<ReportSummary>>;
	/** Remembers a provider's one-time token, for all inbound entries together, and tells whether it was used before. */
	useToken(provider: ProviderId, token: OneTimeToken): Promise<TokenUse>;
}

/** The provider of a report, and the connection whose messages it reports on. */
export interface ReportOrigin {
	readonly provider: ProviderId;
	readonly connection: string;
}

/** Rules for storing reports. */
export interface ReportIntake extends ReportOrigin {
	/** Time at which unmatched reports are forwarded; milliseconds since 1970. Undefined for never. */
	readonly forwardAt?: number | undefined;
	/** Time after which an unreadable report that comes again counts as a new one; milliseconds. Undefined for never. */
	readonly unreadableRepeatsAfterMs?: number | undefined;
}

/**
 * `matched`: about a message of ours. `unmatched`: about an unknown message. `forwarded`: about an unknown message, and
 * forwarded as an event.
 */
export const REPORT_STATES = ['matched', 'unmatched', 'forwarded'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** A provider's report on a message, as lists show it. */
export interface ReportSummary extends ReportOrigin {
	readonly id: string;
	readonly state: ReportState;
	/** The delivery that it is about, when matched. */
	readonly deliveryId?: string;
	readonly receivedAt: number;
	readonly event: Omit<ReceivedEvent, 'raw' | 'metadata'>;
}

export interface StoredReport extends ReportSummary {
	readonly event: ReceivedEvent;
}

export interface ReportFilter {
	readonly state?: ReportState | undefined;
	readonly provider?: string | undefined;
	readonly connection?: string | undefined;
}

/** The reports of a request, counted by their result, and the delivery events that followed. */
export interface TakenReports {
	readonly matched: number;
	readonly unmatched: number;
	readonly forwarded: number;
	/** Reports that were stored before. */
	readonly repeated: number;
	readonly events: readonly OwnEvent[];
	readonly delivered: readonly Delivered[];
}
