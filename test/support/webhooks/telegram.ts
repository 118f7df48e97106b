import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = 'nX9k_2-bQ7vTz';
const BODY = JSON.stringify({
	update_id: 10000,
	message: {
		date: 1441645532,
		chat: { id: 1111111, type: 'private', first_name: 'Test Firstname' },
		message_id: 1365,
		from: { id: 1111111, first_name: 'Test Firstname' },
		text: '/start',
	},
});

/** Telegram signs nothing: the header is the secret. */
export const telegram: Scene = {
	provider: 'telegram',
	title: 'Telegram',
	secret: SECRET,
	otherSecret: 'another_secret-1',
	body: BODY,
	signatureHeader: 'x-telegram-bot-api-secret-token',
	covers: { body: false, timestamp: false },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-telegram-bot-api-secret-token': secret,
			},
			body: Buffer.from(body),
		};
	},
};
