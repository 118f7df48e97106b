import { Webhook } from 'svix';
import { receivedEvent, verdictOn } from '../../support/webhooks/received.ts';
import type { SceneRequest } from '../../support/webhooks/scene.ts';
import { svix } from '../../support/webhooks/svix.ts';

/** The same request under the names of Standard Webhooks. */
const renamed = ({ headers }: SceneRequest): { headers: Record<string, string> } => ({
	headers: Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.replace('svix-', 'webhook-'), value]),
	),
});

describe('verifying Svix’s webhooks', () => {
	it('accepts both sets of header names, as the package does', async () => {
		expect(await verdictOn(svix, renamed)).toBe('accepted');
		const now = await svix.sign({ at: Math.floor(Date.now() / 1000) });
		for (const { headers } of [now, renamed(now)]) {
			const verify = (): unknown => new Webhook(svix.secret).verify(now.body.toString(), headers);
			expect(verify).not.toThrow();
		}
	});

	it('does not make one signature of both sets', async () => {
		const mixed = (request: SceneRequest): { headers: Record<string, string> } => {
			const { 'webhook-signature': signature = '' } = renamed(request).headers;
			const { 'svix-signature': _, ...headers } = request.headers;
			return { headers: { ...headers, 'webhook-signature': signature } };
		};
		expect(await verdictOn(svix, mixed)).toBe('missing_header');
	});
});

describe('reading Svix’s webhooks', () => {
	const attempt = {
		msgId: 'msg_1',
		endpointId: 'ep_1',
		lastAttempt: { id: 'a_1', responseStatusCode: 503, timestamp: '2022-11-06T15:04:05Z' },
	};

	it('reads what a customer of Svix sends as Standard Webhooks', async () => {
		const event = await receivedEvent(svix, { type: 'email.failed', data: { id: 'e1' } });
		expect(event).toMatchObject({
			provider: 'svix',
			type: 'notification.failed',
			notificationId: 'e1',
			channel: 'email',
		});
	});

	it('says with which status the endpoint answered', async () => {
		const event = await receivedEvent(svix, { type: 'message.attempt.exhausted', data: attempt });
		expect(event.error).toEqual({
			code: '503',
			message: 'The endpoint answered with status 503',
		});
	});

	it('leaves an attempt without its facts unknown', async () => {
		const event = await receivedEvent(svix, {
			type: 'message.attempt.exhausted',
			data: { ...attempt, lastAttempt: undefined },
		});
		expect(event).toMatchObject({ type: 'unknown', notificationId: 'ep_1' });
	});
});
