import { signingKey, signOnePing } from '@sureping/engine';
import { createHmac } from 'node:crypto';
import { ONE_PING_DELIVERED } from '../one-ping-samples.ts';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'whsec_test';
const BODY = JSON.stringify(ONE_PING_DELIVERED);

/** Signed as One-Ping's Node sample expects it; One-Ping publishes no package. */
export const onePing: Scene = {
	provider: 'one-ping',
	title: 'One-Ping',
	secret: SECRET,
	otherSecret: 'whsec_other',
	body: BODY,
	signatureHeader: 'x-oneping-signature',
	carries: 'text',
	covers: { body: true, timestamp: true },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const { 'X-OnePing-Signature': signature, 'X-OnePing-Timestamp': timestamp } = signOnePing(
			signingKey(secret),
			bytes.toString(),
			at * 1000,
		);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-oneping-signature': signature,
				'x-oneping-timestamp': timestamp,
			},
			body: bytes,
		};
	},
};

const GUIDE_BODY = JSON.stringify({
	event: 'message.delivered',
	timestamp: '2025-01-20T14:32:07Z',
	data: {
		message_id: 'msg_abc123',
		channel: 'telegram',
		recipient: 'user@example.com',
		status: 'delivered',
		delivered_at: '2025-01-20T14:32:06Z',
	},
});

/** The form of One-Ping's guide, signed as its sample does it. */
export const onePingGuide: Scene = {
	provider: 'one-ping',
	title: "One-Ping, its guide's form",
	secret: SECRET,
	otherSecret: 'whsec_other',
	body: GUIDE_BODY,
	signatureHeader: 'x-webhook-signature',
	covers: { body: true, timestamp: false },
	sign({ body = GUIDE_BODY, secret = SECRET, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-webhook-signature': createHmac('sha256', secret).update(bytes).digest('hex'),
			},
			body: bytes,
		};
	},
};
