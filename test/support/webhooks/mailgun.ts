import { createHash, createHmac } from 'node:crypto';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'key-0123456789abcdef0123456789abcdef';

/** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads ("Delivered Event"). */
const EVENT = JSON.stringify({
	event: 'delivered',
	id: 'MXcc2gEpS-eN8HfkOnmK2w',
	timestamp: 1770146431.6585283,
	message: {
		attachments: [],
		headers: {
			'message-id': '20260203192030.53383e583ab41f62@sample.mailgun.com',
			from: 'Sample Sender <sender@sample.mailgun.com>',
			to: 'recipient@mailgun.com',
			subject: 'Sample webhook payload',
		},
		size: 341,
	},
	recipient: 'recipient@sample.mailgun.com',
	'recipient-domain': 'sample.mailgun.com',
	'delivery-status': { 'attempt-no': 1, code: 250, message: 'OK', tls: true },
	'user-variables': [],
});

/** Signed as Mailgun documents it; Mailgun publishes no package for that. The body is the `event-data`. */
export const mailgun: Scene = {
	provider: 'mailgun',
	title: 'Mailgun',
	secret: SECRET,
	otherSecret: 'key-ffffffffffffffffffffffffffffffff',
	body: EVENT,
	carries: 'json',
	covers: { body: false, timestamp: true },
	sign({ body = EVENT, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const event = Buffer.from(body).toString();
		const timestamp = String(at);
		// Of each signing its own: the same with another timestamp would be a replay.
		const token = createHash('sha256')
			.update(timestamp + event)
			.digest('hex')
			.slice(0, 50);
		const signature = createHmac('sha256', secret)
			.update(timestamp + token)
			.digest('hex');
		const signed = JSON.stringify({ timestamp, token, signature });
		return {
			method: 'POST',
			url,
			headers: { 'content-type': 'application/json' },
			body: Buffer.from(`{"signature":${signed},"event-data":${event}}`),
		};
	},
};
