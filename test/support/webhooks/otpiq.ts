import { createHmac } from 'node:crypto';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'your_webhook_secret_123';
const BODY = JSON.stringify({
	smsId: 'sms_1234567890abcdef',
	deliveryReportType: 'all',
	isFinal: true,
	channel: 'sms',
	status: 'delivered',
	senderId: 'OTPIQ',
});

/** The secret that the send asked for comes back as it is. */
export const otpiqReport: Scene = {
	provider: 'otpiq',
	title: 'OTPIQ, delivery reports',
	secret: SECRET,
	otherSecret: 'another_secret_456',
	body: BODY,
	signatureHeader: 'x-otpiq-webhook-secret',
	covers: { body: false, timestamp: false },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url,
			headers: { 'content-type': 'application/json', 'x-otpiq-webhook-secret': secret },
			body: Buffer.from(body),
		};
	},
};

/** A send without a secret: the `webhookUrl` that it named ends in a token. */
export const otpiqUrlToken: Scene = {
	provider: 'otpiq',
	title: 'OTPIQ, delivery reports with a token in the URL',
	secret: SECRET,
	otherSecret: 'another_secret_456',
	body: BODY,
	covers: { body: false, timestamp: false, url: true },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url: `${url}/${encodeURIComponent(secret)}`,
			headers: { 'content-type': 'application/json' },
			body: Buffer.from(body),
		};
	},
};

const MESSAGE_SECRET = `otpiq_live_sk${'0123456789abcdef'.repeat(4)}`;
const MESSAGE = JSON.stringify({
	eventId: 'evt_1',
	contact: { phoneNumber: '9647501234567' },
	message: { id: 'wamid.1', type: 'text', content: { text: 'Where is my order?' } },
});

/** Signed as OTPIQ's documentation describes it; OTPIQ publishes no package that does. */
export const otpiqMessage: Scene = {
	provider: 'otpiq',
	title: 'OTPIQ, WhatsApp messages that came in',
	secret: MESSAGE_SECRET,
	otherSecret: `otpiq_live_sk${'f'.repeat(64)}`,
	body: MESSAGE,
	signatureHeader: 'x-otpiq-webhook-signature',
	covers: { body: true, timestamp: true },
	sign({ body = MESSAGE, secret = MESSAGE_SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const hmac = createHmac('sha256', secret).update(`${at}.`).update(bytes);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-otpiq-webhook-event': 'whatsapp.inbound_message.received',
				'x-otpiq-webhook-event-id': 'evt_1',
				'x-otpiq-webhook-timestamp': String(at),
				'x-otpiq-webhook-attempt': '1',
				'x-otpiq-webhook-signature': `sha256=${hmac.digest('hex')}`,
			},
			body: bytes,
		};
	},
};
