import { createHmac } from 'node:crypto';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'pingram_whsecret_test';
/** The first sample of Pingram's documentation. */
const BODY = JSON.stringify({
	eventType: 'EMAIL_OPEN',
	trackingId: '0192a1b2-c3d4-5e6f-7890-abcd1234ef56',
	notificationId: 'welcome-email',
	channel: 'EMAIL',
	userId: 'user-123',
});

/** Signed as `pingram/webhooks` verifies it, which the provider's own tests check: the package cannot sign. */
export const pingram: Scene = {
	provider: 'pingram',
	title: 'Pingram',
	secret: SECRET,
	otherSecret: 'pingram_whsecret_other',
	body: BODY,
	signatureHeader: 'x-pingram-signature',
	covers: { body: true, timestamp: true },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const timestamp = String(at * 1000);
		const hmac = createHmac('sha256', secret).update(`msg_1.${timestamp}.`).update(bytes);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-pingram-id': 'msg_1',
				'x-pingram-timestamp': timestamp,
				'x-pingram-signature': `v1,${hmac.digest('hex')}`,
			},
			body: bytes,
		};
	},
};
