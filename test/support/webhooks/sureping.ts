import { createHmac } from 'node:crypto';
import { ONE_PING_DELIVERED } from '../one-ping-samples.ts';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'whsec_runner';
const BODY = JSON.stringify({
	...ONE_PING_DELIVERED,
	event_id: 'evt_01',
	delivery_id: 'dlv_01',
	sequence: 2,
});

/** A runner's webhooks, signed as the README tells people to verify them. */
export const sureping: Scene = {
	provider: 'sureping',
	title: 'Sureping',
	secret: SECRET,
	otherSecret: 'whsec_other',
	body: BODY,
	signatureHeader: 'x-oneping-signature',
	covers: { body: true, timestamp: true },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const digest = createHmac('sha256', secret).update(`${at}.`).update(bytes).digest('hex');
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-oneping-signature': `sha256=${digest}`,
				'x-oneping-timestamp': String(at),
			},
			body: bytes,
		};
	},
};
