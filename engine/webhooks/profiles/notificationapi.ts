import type { ReceivedType } from '../../vocabulary.ts';
import { WEBHOOK_RETRY } from '../../retry.ts';
import type { Profile } from './profile.ts';
import { FAILURES, trackedEvent } from './tracked-event.ts';

/** NotificationAPI's names for the channels that its events webhook reports on ("Supported Events"). */
const CHANNELS = new Map([
	['email', 'EMAIL'],
	['sms', 'SMS'],
	['call', 'CALL'],
	['push', 'PUSH'],
	['web_push', 'WEB_PUSH'],
	['in_app', 'INAPP_WEB'],
]);

/** Events of mails besides failures. */
const MAIL_WORDS = new Map<ReceivedType, string>([
	['notification.opened', 'OPEN'],
	['notification.clicked', 'CLICK'],
]);

/**
 * NotificationAPI's events webhook as it was before the service became Pingram: eight events, unsigned
 * (https://github.com/notificationapi-com/docs/blob/main/docs/features/events-webhook.md). Its schedule is not
 * published; any 2xx acknowledges.
 */
export const notificationApi: Profile = {
	docs: {
		signature: 'none',
		events: 'failed (bounced, suppressed too), opened, clicked',
	},
	defaultEvents: ['notification.opened', 'notification.clicked', ...FAILURES],
	retry: WEBHOOK_RETRY,
	secret: 'none',
	batches: false,
	payload(event) {
		const channel = CHANNELS.get(event.channel ?? '');
		if (channel === undefined) return undefined;
		const eventType = FAILURES.includes(event.event)
			? `${channel}_FAILED`
			: channel === 'EMAIL'
				? MAIL_WORDS.get(event.event)
				: undefined;
		return eventType === undefined ? undefined : () => trackedEvent(event, eventType, channel);
	},
	headers: () => ({}),
};
