import { isStandardWebhooksSecret, signStandardWebhook } from '../../signing/standard-webhooks.ts';
import { isReceivedType, RECEIVED_TYPES } from '../../vocabulary.ts';
import type { WebhookEvent } from '../operational.ts';
import type { Profile } from './profile.ts';

/** The payload that the specification recommends ("Payload structure"). */
function wrapped(event: WebhookEvent): object {
	return { type: event.event, timestamp: event.timestamp, data: event };
}

/** Seconds between one attempt and the next: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h. */
const DELAYS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/**
 * Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
 * base64 HMAC-SHA256 of `id.timestamp.body`, and one signature per secret while a rotation lasts. The schedule and the
 * timeout are the specification's too.
 */
export const standardWebhooks: Profile = {
	docs: {
		signature: '`webhook-signature`',
		events: 'all, `unknown` too',
	},
	defaultEvents: Object.keys(RECEIVED_TYPES).filter(isReceivedType),
	retry: { delaysMs: DELAYS_S.map((s) => s * 1000), jitter: 0.1, timeoutMs: 15_000 },
	secret: 'required',
	refuseSecret: (secret) =>
		isStandardWebhooksSecret(secret)
			? undefined
			: 'must be whsec_ and base64, as Standard Webhooks has it',
	batches: false,
	signsWithFormer: true,
	carriesAbout: true,
	payload: (event) => () => wrapped(event),
	overall: wrapped,
	operational: wrapped,
	headers(body, { secrets, now }, eventId = '') {
		const timestamp = String(Math.floor(now / 1000));
		return {
			'webhook-id': eventId,
			'webhook-timestamp': timestamp,
			'webhook-signature': signStandardWebhook(secrets, { id: eventId, timestamp, body }),
		};
	},
};
