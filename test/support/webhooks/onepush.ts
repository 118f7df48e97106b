import { createHmac } from 'node:crypto';
import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = 'onepush-secret';
/** OnePush publishes no payload beyond `type`. */
const BODY = JSON.stringify({ type: 'email.delivered' });

/** Signed as OnePush's sample checks it; OnePush publishes no package. */
export const onePush: Scene = {
	provider: 'onepush',
	title: 'OnePush',
	secret: SECRET,
	otherSecret: 'onepush-other',
	body: BODY,
	signatureHeader: 'x-onepush-signature',
	covers: { body: true, timestamp: false },
	sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-onepush-signature': createHmac('sha256', secret).update(bytes).digest('hex'),
			},
			body: bytes,
		};
	},
};
