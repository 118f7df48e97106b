import type { IncidentStatus, ProfileId, ReportType, Transition } from '@sureping/engine';

/** Accepting sends, with their idempotency keys and quotas. */
export interface Sends {
	accept(acceptance: Acceptance): Promise<AcceptResult>;
	/** The first answer to an idempotency key, as `repeated` or `conflict`; undefined while the key is free. */
	earlierAnswer(
		apiKey: string,
		idempotency: Idempotency,
		now: number,
	): Promise<AcceptResult | undefined>;
	/** Notifications sent in each period, in the order of `periods`. */
	quotaUse(periods: readonly KeyPeriod[]): Promise<readonly number[]>;
}

/** A new notification and the request that asked for it. */
export interface Acceptance {
	readonly transition: Transition;
	readonly apiKey: string;
	readonly callbacks?: readonly Callback[];
	readonly idempotency?: Idempotency | undefined;
	/** Counted in the same transaction; a repeated request does not count. */
	readonly quota?: QuotaPeriod | undefined;
	/** The answer to the caller, and to each repeat of the request. */
	readonly answer: SendAnswer;
}

export interface AcceptResult {
	/** `conflict`: the idempotency key was used with another body. `over_quota`: nothing was stored. */
	readonly result: 'accepted' | 'repeated' | 'conflict' | 'over_quota';
	/** For `repeated` and `conflict` the first answer. */
	readonly answer: SendAnswer;
}

/** The body of the answer to `POST /send`. */
export interface SendAnswer {
	/** Of a send with an escalation policy, the notification of its incident's first page, which may still have to be made. */
	readonly notification_id: string;
	readonly status: 'queued';
	readonly deliveries: { id: string; channel: string; recipient: string; contact_id?: string }[];
	/** The incident that a send with an escalation policy opened, or found. */
	readonly incident?: IncidentBrief;
}

/** `opened` is false where an incident with the same key was not over. */
export interface IncidentBrief {
	readonly id: string;
	readonly status: IncidentStatus;
	readonly opened: boolean;
}

export interface Idempotency {
	readonly key: string;
	/** Hash of the canonical body, which tells a repeat from a conflict. */
	readonly bodyHash: string;
}

/** A URL that a send itself named for the events of its notification. */
export interface Callback {
	readonly url: string;
	readonly profile: ProfileId;
	readonly reportType: ReportType;
	/** The send's own; without it, the `webhook_secret` of this API key signs where the profile needs one. */
	readonly secret?: string;
	readonly apiKey: string;
}

/** The limit of an API key between two times (milliseconds since 1970). */
export interface QuotaPeriod {
	readonly start: number;
	readonly end: number;
	/** Notifications. */
	readonly most: number;
}

/** A period of an API key's quota, by its start (milliseconds since 1970). */
export interface KeyPeriod {
	readonly apiKey: string;
	readonly start: number;
}
