import type { Scene } from './scene.ts';
import { svix } from './svix.ts';

const BODY = JSON.stringify({
	type: 'email.delivered',
	created_at: '2024-02-22T23:41:12.126Z',
	data: {
		created_at: '2024-02-22T23:41:11.894719+00:00',
		email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
		from: 'Acme <onboarding@resend.dev>',
		to: ['delivered@resend.dev'],
		subject: 'Sending this example',
	},
});

/** Resend's webhooks are sent through Svix. */
export const resend: Scene = {
	...svix,
	provider: 'resend',
	title: 'Resend',
	body: BODY,
	sign: (signing = {}) => svix.sign({ body: BODY, ...signing }),
};
