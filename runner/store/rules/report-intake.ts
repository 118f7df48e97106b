import type { ReportIntake, ReportState } from '../contract/reports.ts';

/**
 * The state of a new report on an unknown message, and the time at which it is forwarded as an event. One that came
 * from an event of ours stays unmatched: an endpoint of this runner that leads back to it would loop for ever.
 */
export function unmatchedIntake(
	{ forwardAt }: ReportIntake,
	isOurEvent: () => boolean,
	now: number,
): { readonly state: Exclude<ReportState, 'matched'>; readonly forward_at: number | null } {
	if (forwardAt === undefined || isOurEvent()) return { state: 'unmatched', forward_at: null };
	return forwardAt > now
		? { state: 'unmatched', forward_at: forwardAt }
		: { state: 'forwarded', forward_at: null };
}
