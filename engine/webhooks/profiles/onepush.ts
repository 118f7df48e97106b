import type { ReceivedType } from '../../vocabulary.ts';
import { WEBHOOK_RETRY } from '../../retry.ts';
import { hexHmac } from '../../signing/hmac.ts';
import { type Profile, wordOf } from './profile.ts';

/** The seven of OnePush's "Supported Events" (https://onepush.app/blog, 8 March 2025). */
const EVENTS: readonly ReceivedType[] = [
	'notification.sent',
	'notification.delivered',
	'notification.opened',
	'notification.clicked',
	'notification.bounced',
	'notification.complained',
	'notification.unsubscribed',
];

/**
 * OnePush's e-mail events. Its sample verifies bare hex HMAC-SHA256 over `JSON.stringify` of the parsed body, which
 * compact JSON is. It asks receivers to answer within 5 s and does not document its retry schedule.
 */
export const onePush: Profile = {
	docs: {
		signature: '`X-OnePush-Signature`',
		events: 'of mails: sent, delivered, opened, clicked, bounced, complained, unsubscribed',
	},
	defaultEvents: EVENTS,
	retry: { ...WEBHOOK_RETRY, timeoutMs: 5_000 },
	secret: 'required',
	batches: false,
	payload(event) {
		if (event.channel !== 'email' || !EVENTS.includes(event.event)) return undefined;
		return () => ({
			type: `email.${wordOf(event)}`,
			event_id: event.event_id,
			email_id: event.notification_id,
			to: event.recipient,
			timestamp: event.timestamp,
			...('bounce_type' in event ? { bounce_type: event.bounce_type } : {}),
			...('error' in event ? { reason: event.error?.message } : {}),
			...('link' in event ? { link: event.link } : {}),
			metadata: event.metadata,
		});
	},
	headers: (body, { secrets: [secret = ''] }) => ({
		'X-OnePush-Signature': hexHmac(secret, body),
	}),
};
