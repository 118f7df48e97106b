import { receive } from '@sureping/engine';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { type FakeSmtp, startSmtp } from '../fakes/smtp.ts';
import { startSink } from '../fakes/sink.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import {
	ended,
	type RunnerProcess,
	startRunner,
	WEBHOOK_SECRET,
} from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const ENDPOINT_SECRET = 'whsec_endpoint_0123456789';

describe('a send with a fallback, through real servers', () => {
	let slack: FakeSlack;
	let smtp: FakeSmtp;
	let sink: RecordingServer;
	let runner: RunnerProcess;

	beforeAll(async () => {
		[slack, smtp, sink] = await Promise.all([startSlack(), startSmtp(), startSink()]);
		runner = await startRunner({
			connections: [
				{ name: 'ops-slack', channel: 'slack', webhook_url: slack.webhookUrl },
				{
					name: 'mail',
					channel: 'email',
					smtp: { host: smtp.host, port: smtp.port },
					from: 'Ops <ops@example.com>',
				},
			],
			endpoints: [{ name: 'all', url: `${sink.url}/all`, secret: ENDPOINT_SECRET }],
			retry: { delays_s: [0.2, 0.2, 0.2], jitter: 0, timeout_s: 2 },
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await Promise.all([slack.close(), smtp.close(), sink.close()]);
	});

	it('waits as policy and Retry-After say, stops at a permanent answer, and falls back to mail', async () => {
		slack.answer(
			{ status: 500 },
			{ status: 429, retryAfter: 1 },
			{ status: 410, body: 'channel_is_archived' },
		);
		const accepted = await runner.post('/send', {
			message: 'Order 1042 is on its way',
			subject: 'Your order',
			channels: ['slack'],
			fallback_channels: ['email'],
			recipient: 'ada@example.com',
			metadata: { order_id: 'ORD-1042' },
		});
		expect(accepted.status).toBe(202);
		expect(accepted.body).toEqual({
			notification_id: expect.stringMatching(/^msg_/),
			status: 'queued',
			// Slack is not told of Ada: the webhook itself is the address.
			deliveries: [
				{ id: expect.stringMatching(/^dlv_/), channel: 'slack', recipient: 'ops-slack' },
			],
		});

		const found = await ended(runner, accepted.body.notification_id);
		expect(found).toMatchObject({
			status: 'delivered',
			metadata: { order_id: 'ORD-1042' },
			deliveries: [
				{
					channel: 'slack',
					connection: 'ops-slack',
					status: 'failed',
					attempts: [
						{ error: { code: 'SERVICE_UNAVAILABLE' } },
						{ error: { code: 'RATE_LIMITED' } },
						{ error: { code: 'TARGET_GONE' } },
					],
				},
				{ channel: 'email', connection: 'mail', status: 'delivered' },
			],
		});

		expect(slack.requests).toHaveLength(3);
		const [first, second, third] = slack.requests.map(({ at }) => at);
		expect(second! - first!).toBeGreaterThanOrEqual(200);
		expect(second! - first!).toBeLessThan(10_000);
		expect(third! - second!).toBeGreaterThanOrEqual(1000);

		expect(smtp.mails).toHaveLength(1);
		expect(smtp.mails[0]).toMatchObject({ to: ['ada@example.com'] });
		expect(smtp.mails[0]!.raw).toContain('Subject: Your order');
		expect(smtp.mails[0]!.raw).toContain('Order 1042 is on its way');

		const types = ['queued', 'retrying', 'retrying', 'failed', 'queued', 'fallback', 'delivered'];
		await sink.received(types.length);
		expect(found.events.map((e: { event: string }) => e.event)).toEqual(
			types.map((type) => `notification.${type}`),
		);
		expect(found.events.map((e: { sequence: number }) => e.sequence)).toEqual([
			1, 2, 3, 4, 1, 2, 3,
		]);
		expect(found.events[3]).not.toHaveProperty('all_channels_failed');
		expect(found.events[5]).toMatchObject({ channel: 'email', from_channel: 'slack' });

		const received = sink.requests.map((request) =>
			receive(
				'sureping',
				{ method: 'POST', url: request.path, headers: request.headers, body: request.bytes },
				[ENDPOINT_SECRET],
				{ now: request.at },
			),
		);
		const events = received.flatMap((one) => (one.ok ? one.events : []));
		expect(events).toHaveLength(types.length);
		expect(events.map(({ eventId }) => eventId).sort()).toEqual(
			found.events.map((e: { event_id: string }) => e.event_id).sort(),
		);
		const retrying = events.filter(({ type }) => type === 'notification.retrying');
		expect(retrying.sort((a, b) => a.attempt! - b.attempt!)).toMatchObject([
			{
				attempt: 1,
				maxAttempts: 4,
				nextRetryAt: expect.any(String),
				error: { code: 'SERVICE_UNAVAILABLE' },
			},
			{
				attempt: 2,
				maxAttempts: 4,
				nextRetryAt: expect.any(String),
				error: { code: 'RATE_LIMITED' },
			},
		]);
	});

	it('tells a callback_url what One-Ping tells, signed with the secret of the API key', async () => {
		const callback = await startSink();
		try {
			const { body } = await runner.post('/send', {
				message: 'hello',
				channels: ['slack:ops-slack'],
				callback_url: `${callback.url}/mine`,
			});
			await ended(runner, body.notification_id);
			await callback.received(1);
			const [request] = callback.requests;
			const result = receive(
				'one-ping',
				{ method: 'POST', url: '/', headers: request!.headers, body: request!.bytes },
				[WEBHOOK_SECRET],
				{ now: request!.at },
			);
			expect(result).toMatchObject({ ok: true, events: [{ type: 'notification.delivered' }] });
			// The queued event is not one of One-Ping's five, so nothing else comes.
			await waitUntil(
				'the endpoint has both events',
				async () => sink.requests.filter((r) => r.body.includes(body.notification_id)).length === 2,
			);
			expect(callback.requests).toHaveLength(1);
		} finally {
			await callback.close();
		}
	});

	it('posts an event again, with the same id and a fresh signature, until it is acknowledged', async () => {
		const before = sink.requests.length;
		sink.answer({ status: 500 }, { status: 302, headers: { location: '/elsewhere' } });
		const { body } = await runner.post('/send', { message: 'again', channels: ['slack'] });
		await waitUntil('both events were acknowledged', () => sink.requests.length === before + 4);
		const requests = sink.requests.slice(before);
		expect(requests.every(({ path }) => path === '/all')).toBe(true);
		const ids = requests.map(({ headers }) => headers['x-oneping-event-id']);
		expect(new Set(ids).size).toBe(2);
		expect(requests.every(({ body: text }) => text.includes(body.notification_id))).toBe(true);
	});

	it('does not retry when the send says so', async () => {
		const before = slack.requests.length;
		slack.answer({ status: 500 });
		const { body } = await runner.post('/send', {
			message: 'once',
			channels: ['slack'],
			retry: false,
		});
		const found = await ended(runner, body.notification_id);
		expect(found.status).toBe('failed');
		expect(slack.requests.length).toBe(before + 1);
		expect(found.events.at(-2)).toMatchObject({
			event: 'notification.failed',
			attempts: 1,
			all_channels_failed: true,
		});
	});

	it('fails what expires before its next attempt', async () => {
		slack.answer({ status: 500 });
		const { body } = await runner.post('/send', {
			message: 'soon stale',
			channels: ['slack'],
			retry: { delays_s: [60] },
			expires_at: new Date(Date.now() + 5_000).toISOString(),
		});
		const found = await ended(runner, body.notification_id);
		expect(found.deliveries[0].status).toBe('expired');
		expect(found.events.at(-2)).toMatchObject({ error: { code: 'EXPIRED' } });
	});

	it('keeps what is planned for later until then', async () => {
		const before = slack.requests.length;
		const sendAt = Date.now() + 700;
		const { body } = await runner.post('/send', {
			message: 'later',
			channels: ['slack'],
			send_at: new Date(sendAt).toISOString(),
		});
		await ended(runner, body.notification_id);
		expect(slack.requests[before]!.at).toBeGreaterThanOrEqual(sendAt);
	});
});
