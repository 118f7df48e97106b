import {
	accept,
	type CatalogEntry,
	type NewId,
	type OperationalEvent,
	operationalText,
	planSend,
	type SendRequest,
} from '@sureping/engine';
import type { Acceptance } from '../store/contract/sends.ts';

/** Address of the operator for notices about endpoints: channels, and recipients where these need one. */
export type NoticeTarget = Pick<SendRequest, 'channels' | 'recipient'>;

/** Stored in place of an API key's name: the runner itself sends these notifications. */
const SENDER = 'sureping';

/** The notification to the operator about an event, to be stored together with it. */
export function operatorNotice(
	event: OperationalEvent,
	target: NoticeTarget,
	{ catalog, newId }: { readonly catalog: readonly CatalogEntry[]; readonly newId: NewId },
	now: number,
): Acceptance | undefined {
	const planned = planSend(noticeOf(event, target), catalog, now);
	// The config was checked when it was loaded.
	if (!planned.ok) return undefined;
	const transition = accept(planned.plan, now, newId);
	const answer = {
		notification_id: transition.notification.id,
		status: 'queued' as const,
		deliveries: [],
	};
	return { transition, apiKey: SENDER, answer };
}

/** The send for a notice about an event. */
export function noticeOf(event: OperationalEvent, target: NoticeTarget): SendRequest {
	const { event: type, event_id, endpoint_id } = event;
	return {
		...target,
		message: operationalText(event),
		subject: `Sureping: ${type}`,
		metadata: { operational_event: type, event_id, endpoint_id },
	};
}
