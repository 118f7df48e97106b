import type { MessageEvent } from '../../feed-event.ts';
import { WEBHOOK_RETRY } from '../../retry.ts';
import { hexHmac } from '../../signing/hmac.ts';
import { FAILURES, trackedEvent } from './tracked-event.ts';
import type { Profile } from './profile.ts';

/** Event types by channel: `WebhookEventEventTypeEnum` and `ChannelsEnum` of npm `pingram` 1.0. */
const WORDS = new Map<string, { channel: string; words: readonly string[] }>([
	['email', { channel: 'EMAIL', words: ['OPEN', 'CLICK', 'FAILED', 'DELIVERED', 'UNSUBSCRIBE'] }],
	['sms', { channel: 'SMS', words: ['DELIVERED', 'FAILED', 'UNSUBSCRIBE', 'SUBSCRIBE'] }],
	['call', { channel: 'CALL', words: ['FAILED', 'UNSUBSCRIBE'] }],
	['push', { channel: 'PUSH', words: ['FAILED', 'UNSUBSCRIBE'] }],
	['web_push', { channel: 'WEB_PUSH', words: ['FAILED', 'UNSUBSCRIBE'] }],
	['in_app', { channel: 'INAPP_WEB', words: ['FAILED', 'UNSUBSCRIBE'] }],
	['slack', { channel: 'SLACK', words: ['FAILED', 'UNSUBSCRIBE'] }],
]);

function wordFor({ event }: MessageEvent): string | undefined {
	if (FAILURES.includes(event)) return 'FAILED';
	switch (event) {
		case 'notification.delivered':
			return 'DELIVERED';
		case 'notification.opened':
			return 'OPEN';
		case 'notification.clicked':
			return 'CLICK';
		case 'notification.unsubscribed':
			return 'UNSUBSCRIBE';
		case 'notification.subscribed':
			return 'SUBSCRIBE';
		default:
			return undefined;
	}
}

/**
 * Pingram's events webhook: `v1,` and hex HMAC-SHA256 of `id.timestamp.body`, the timestamp in milliseconds
 * (`pingram/webhooks`). Its schedule is not published.
 */
export const pingram: Profile = {
	docs: {
		signature: '`X-Pingram-Signature`',
		events:
			'delivered, failed (bounced, suppressed too), opened, clicked, unsubscribed, subscribed',
	},
	defaultEvents: [
		'notification.delivered',
		'notification.opened',
		'notification.clicked',
		'notification.unsubscribed',
		'notification.subscribed',
		...FAILURES,
	],
	retry: WEBHOOK_RETRY,
	secret: 'required',
	batches: false,
	payload(event) {
		const found = WORDS.get(event.channel ?? '');
		const word = wordFor(event);
		if (!found || word === undefined || !found.words.includes(word)) return undefined;
		return () => ({
			...trackedEvent(event, `${found.channel}_${word}`, found.channel),
			...('error' in event ? { failureCode: event.error?.code } : {}),
			...('link' in event ? { clickedLink: event.link } : {}),
		});
	},
	headers(body, { secrets: [secret = ''], now }, eventId = '') {
		const timestamp = String(now);
		return {
			'X-Pingram-Id': eventId,
			'X-Pingram-Timestamp': timestamp,
			'X-Pingram-Signature': `v1,${hexHmac(secret, `${eventId}.${timestamp}.`, body)}`,
		};
	},
};
