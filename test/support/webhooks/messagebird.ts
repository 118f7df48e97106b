import { createHash } from 'node:crypto';
import { hmacToken } from './hmac-token.ts';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'PlLrKaqvZNRR5zAjm42ZT6q1SQxgbbGd';
const BODY = JSON.stringify({
	type: 'message.updated',
	message: { id: '5f3437fdb8444583aea093a047ac014b', status: 'delivered' },
});

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/**
 * A body in JSON is posted; the parameters of a status report are those of a GET. The token is good for as long as the
 * tests take the usual tolerance to be, with the 5 s that the clocks may differ.
 */
export const messagebird: Scene = {
	provider: 'messagebird',
	title: 'MessageBird',
	secret: SECRET,
	otherSecret: 'GdbbgxQS1q6TZ24mjAz5RRNZvqaKrLlP',
	body: BODY,
	signatureHeader: 'messagebird-signature-jwt',
	carries: 'text',
	covers: { body: true, timestamp: true, url: true },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const isReport = !bytes.toString().startsWith('{');
		const called = isReport ? `${url}?${bytes.toString()}` : url;
		const claims = {
			iss: 'MessageBird',
			nbf: at - 295,
			exp: at + 296,
			jti: 'e1ea1cf4-4f45-4b6b-9b0e-8c2a3d9a5b11',
			url_hash: sha256(called),
			...(isReport ? {} : { payload_hash: sha256(bytes) }),
		};
		return {
			method: isReport ? 'GET' : 'POST',
			url: called,
			headers: {
				...(isReport ? {} : { 'content-type': 'application/json' }),
				'messagebird-signature-jwt': hmacToken(claims, secret),
			},
			body: isReport ? Buffer.alloc(0) : bytes,
		};
	},
};
