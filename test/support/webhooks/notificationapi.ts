import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = 'token-of-the-webhook-url';
/** The sample of NotificationAPI's documentation. */
const BODY = JSON.stringify({
	eventType: 'OPEN',
	trackingId: 'abc123',
	notificationId: 'welcome-email',
	channel: 'EMAIL',
	userId: 'user-123',
});

/** Not signed: the URL that NotificationAPI was given ends in a token. */
export const notificationApi: Scene = {
	provider: 'notificationapi',
	title: 'NotificationAPI',
	secret: SECRET,
	otherSecret: 'token-of-another-url',
	body: BODY,
	covers: { body: false, timestamp: false, url: true },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url: `${url}?token=${encodeURIComponent(secret)}`,
			headers: { 'content-type': 'application/json' },
			body: Buffer.from(body),
		};
	},
};
