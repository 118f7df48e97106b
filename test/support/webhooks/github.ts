import { createHmac } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = "It's a Secret to Everybody";
const BODY = JSON.stringify({
	action: 'created',
	starred_at: '2019-05-15T15:20:40Z',
	repository: { id: 186853002, full_name: 'Codertocat/Hello-World' },
});

/** Signed by GitHub's package. */
export const github: Scene = {
	provider: 'github',
	title: 'GitHub',
	secret: SECRET,
	otherSecret: 'another secret',
	body: BODY,
	signatureHeader: 'x-hub-signature-256',
	unsignedHeaders: ['x-github-event', 'x-github-delivery'],
	carries: 'text',
	covers: { body: true, timestamp: false },
	async sign({ body = BODY, secret = SECRET, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-github-event': bytes.includes('"zen":') ? 'ping' : 'star',
				'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
				'x-hub-signature-256':
					bytes.length === 0
						? `sha256=${createHmac('sha256', secret).digest('hex')}`
						: await sign(secret, bytes.toString()),
			},
			body: bytes,
		};
	},
};
