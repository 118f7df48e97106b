import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = 'postmark:s3cret:with colons';

/** https://postmarkapp.com/developer/webhooks/delivery-webhook */
const BODY = JSON.stringify({
	RecordType: 'Delivery',
	ServerID: 23,
	MessageStream: 'outbound',
	MessageID: '00000000-0000-0000-0000-000000000000',
	Recipient: 'john@example.com',
	Tag: 'welcome-email',
	DeliveredAt: '2026-02-13T18:19:43Z',
	Details: 'Test delivery webhook details',
	Metadata: { example: 'value', example_2: 'value' },
});

/** Postmark signs nothing; it sends the login that the webhook's URL or settings have. */
export const postmark: Scene = {
	provider: 'postmark',
	title: 'Postmark',
	secret: SECRET,
	otherSecret: 'postmark:other',
	body: BODY,
	signatureHeader: 'authorization',
	covers: { body: false, timestamp: false },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				authorization: `Basic ${Buffer.from(secret).toString('base64')}`,
			},
			body: Buffer.from(body),
		};
	},
};

/** The same with a header that the webhook's settings name. */
export const postmarkByHeader: Scene = {
	...postmark,
	title: 'Postmark, by a header of its own',
	secret: 'X-Webhook-Secret: s3cret',
	otherSecret: 'X-Webhook-Secret: other',
	signatureHeader: 'x-webhook-secret',
	sign({ body = BODY, secret = 'X-Webhook-Secret: s3cret', url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-webhook-secret': secret.slice(secret.indexOf(': ') + 2),
			},
			body: Buffer.from(body),
		};
	},
};
