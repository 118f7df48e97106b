import type { IncidentContent } from './incident.ts';
import type { PolicyBody } from './policy.ts';

/** A request to escalate. */
export interface IncidentOpening {
	readonly owner: string;
	readonly dedupKey?: string | undefined;
	readonly policy: PolicyBody;
	readonly policyName?: string | undefined;
	readonly content: IncidentContent;
	/** Channels of the send itself: a step at once, before the policy's first. */
	readonly channels?: readonly string[] | undefined;
	/** Milliseconds since 1970; the first step counts from there. */
	readonly startsAt?: number | undefined;
	readonly expiresAt?: number | undefined;
}
