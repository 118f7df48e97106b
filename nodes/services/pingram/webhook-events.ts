import { pingramFacts } from '../../../engine/receive/parse/pingram-event.ts';

/** The events that Pingram's events webhook can be asked for (`EventsWebhookUpsertRequestEventsEnum` of npm `pingram` 1.0.14). */
export const PINGRAM_EVENTS: readonly string[] = [
	'EMAIL_OPEN',
	'EMAIL_CLICK',
	'EMAIL_FAILED',
	'EMAIL_DELIVERED',
	'EMAIL_UNSUBSCRIBE',
	'EMAIL_INBOUND',
	'INAPP_WEB_FAILED',
	'INAPP_WEB_UNSUBSCRIBE',
	'SMS_DELIVERED',
	'SMS_FAILED',
	'SMS_UNSUBSCRIBE',
	'SMS_SUBSCRIBE',
	'SMS_INBOUND',
	'PUSH_FAILED',
	'PUSH_UNSUBSCRIBE',
	'CALL_FAILED',
	'CALL_UNSUBSCRIBE',
	'WEB_PUSH_FAILED',
	'WEB_PUSH_UNSUBSCRIBE',
	'SLACK_FAILED',
	'SLACK_UNSUBSCRIBE',
	'VOICE_INBOUND',
];

/** Pingram's events of these types; all of its events when no type is given or none of them matches. */
export function pingramEventsOf(types: readonly string[]): readonly string[] {
	const wanted = PINGRAM_EVENTS.filter((eventType) =>
		types.includes(pingramFacts({ eventType }).type),
	);
	return wanted.length > 0 ? wanted : PINGRAM_EVENTS;
}
