import { Webhook } from 'svix';
import type { Scene } from './scene.ts';
import { OTHER_SECRET, SECRET, standardWebhooksRequest } from './standard-webhooks-request.ts';

const BODY = JSON.stringify({
	type: 'message.attempt.exhausted',
	data: {
		appId: 'app_1srOrx2ZWZBpBUvZwXKQmoEYga2',
		msgId: 'msg_1srOrx2ZWZBpBUvZwXKQmoEYga2',
		endpointId: 'ep_1srOrx2ZWZBpBUvZwXKQmoEYga2',
		lastAttempt: {
			id: 'atmpt_1srOrx2ZWZBpBUvZwXKQmoEYga2',
			responseStatusCode: 500,
			timestamp: '2022-11-06T15:04:05Z',
		},
	},
});

/** Signed by Svix's package. */
export const svix: Scene = {
	provider: 'svix',
	title: 'Svix',
	secret: SECRET,
	otherSecret: OTHER_SECRET,
	body: BODY,
	signatureHeader: 'svix-signature',
	carries: 'text',
	covers: { body: true, timestamp: true },
	sign: (signing = {}) =>
		standardWebhooksRequest('svix', { body: BODY, ...signing }, (secret, ...content) =>
			new Webhook(secret).sign(...content),
		),
};
