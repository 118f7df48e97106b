import { withoutRefs } from '../support/api-schemas.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';

const send = { message: 'hello', channels: ['console'] };

describe('many notifications', () => {
	let runner: RunnerProcess;
	let slack: FakeSlack;

	beforeAll(async () => {
		slack = await startSlack();
		runner = await startRunner({
			connections: [
				{ name: 'terminal', channel: 'console' },
				{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl },
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await slack.close();
	});

	it('are stored in one batch, each with its own result, in order', async () => {
		const keyed = { ...send, idempotency_key: 'batch-1' };
		const { status, body } = await runner.post('/send/batch', {
			sends: [
				keyed,
				{ ...send, channels: ['pigeon'] },
				'nonsense',
				keyed,
				{ ...keyed, message: 'other' },
			],
		});
		expect(status).toBe(200);
		const [first, unknown, nonsense, again, other] = body.results;
		expect(first).toEqual({
			status: 202,
			notification_id: expect.stringMatching(/^msg_/),
			deliveries: [
				{ id: expect.stringMatching(/^dlv_/), channel: 'console', recipient: 'terminal' },
			],
		});
		expect(unknown).toMatchObject({ status: 422, problem: { errors: [{ path: 'channels.0' }] } });
		expect(nonsense).toMatchObject({ status: 422, problem: { title: expect.any(String) } });
		expect(again).toEqual(first);
		expect(other).toMatchObject({ status: 409, problem: { status: 409 } });
		expect((await ended(runner, first.notification_id)).status).toBe('delivered');
	});

	it.each([
		['none', []],
		['1001', Array.from({ length: 1001 }, () => send)],
	])('are refused as a batch of %s', async (_name, sends) => {
		expect((await runner.post('/send/batch', { sends })).status).toBe(422);
	});

	it('may take 10 MiB as a batch, and not more', async () => {
		const large = { ...send, message: 'x'.repeat(1024 * 1024) };
		const ok = await runner.post('/send/batch', { sends: Array.from({ length: 9 }, () => large) });
		expect(ok.status).toBe(200);
		const more = await runner.post('/send/batch', {
			sends: Array.from({ length: 11 }, () => large),
		});
		expect(more.status).toBe(413);
	});

	it('are listed newest first, by status and channel, page by page', async () => {
		const ids: string[] = [];
		for (let i = 0; i < 3; i++) {
			const { body } = await runner.post('/send', { message: `m${i}`, channels: ['slack'] });
			await ended(runner, body.notification_id);
			ids.unshift(body.notification_id);
		}
		const all = (await runner.get('/notifications?channel=slack&status=delivered')).body;
		expect(all.notifications.map((n: { notification_id: string }) => n.notification_id)).toEqual(
			ids,
		);
		expect(all).not.toHaveProperty('next_cursor');
		const first = (await runner.get('/notifications?channel=slack&limit=2')).body;
		const rest = (
			await runner.get(`/notifications?channel=slack&limit=2&after=${first.next_cursor}`)
		).body;
		expect([...first.notifications, ...rest.notifications]).toEqual(all.notifications);
		expect((await runner.get('/notifications?status=lost')).status).toBe(422);
	});
});

describe('cancelling a notification', () => {
	let runner: RunnerProcess;
	let slack: FakeSlack;

	beforeAll(async () => {
		slack = await startSlack();
		runner = await startRunner({
			connections: [
				{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl },
				{ name: 'terminal', channel: 'console' },
			],
			retry: { delays_s: [0.1, 60], jitter: 0, timeout_s: 1 },
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await slack.close();
	});
	const cancel = (id: string) => runner.post(`/notifications/${id}/cancel`, {});

	it('stops what was planned for later, with its fallbacks', async () => {
		const { body } = await runner.post('/send', {
			...send,
			fallback_channels: ['slack'],
			send_at: new Date(Date.now() + 60_000).toISOString(),
		});
		const stopped = await cancel(body.notification_id);
		expect([stopped.status, stopped.body.status]).toEqual([200, 'cancelled']);
		expect(stopped.body.deliveries).toMatchObject([{ channel: 'console', status: 'cancelled' }]);
		expect((await cancel(body.notification_id)).status).toBe(409);
	});

	it('lets the attempt that is under way be the last, and pages nobody for it', async () => {
		slack.answer({ hang: true });
		const before = slack.requests.length;
		const { body } = await runner.post('/send', {
			message: 'hangs',
			channels: ['slack'],
			fallback_channels: ['console'],
		});
		await slack.received(before + 1);
		const stopped = await cancel(body.notification_id);
		expect(stopped.body.deliveries).toMatchObject([{ status: 'sending' }]);
		const found = await ended(runner, body.notification_id);
		expect(found.deliveries).toMatchObject([{ status: 'failed', attempts: [{}] }]);
		expect(found.deliveries).toHaveLength(1);
	});

	it('is refused when all has ended, and 404 for what never was', async () => {
		const { body } = await runner.post('/send', send);
		await ended(runner, body.notification_id);
		expect((await cancel(body.notification_id)).status).toBe(409);
		expect((await cancel('msg_nope')).status).toBe(404);
	});
});

describe('the description of the API and its metrics', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(() => runner.dispose());

	it('describes every call of the interface from the schemas that check it', async () => {
		const { body } = await runner.get('/openapi.json');
		expect(body.openapi).toBe('3.1.0');
		expect(Object.keys(body.paths).sort()).toEqual([
			'/channels',
			'/connections',
			'/contacts',
			'/contacts/{id}',
			'/dead-letters',
			'/dead-letters/{id}/retry',
			'/endpoints',
			'/endpoints/{id}',
			'/endpoints/{id}/disable',
			'/endpoints/{id}/enable',
			'/endpoints/{id}/replay',
			'/endpoints/{id}/rotate-secret',
			'/endpoints/{id}/test',
			'/events',
			'/healthz',
			'/inbound/{provider}/{connection}',
			'/incidents',
			'/incidents/acknowledge',
			'/incidents/resolve',
			'/incidents/{id}',
			'/incidents/{id}/acknowledge',
			'/incidents/{id}/escalate',
			'/incidents/{id}/resolve',
			'/metrics',
			'/notifications',
			'/notifications/{id}',
			'/notifications/{id}/cancel',
			'/on-call',
			'/on-call/{name}',
			'/on-call/{name}/overrides',
			'/operational-events',
			'/policies',
			'/policies/{name}',
			'/readyz',
			'/replays/{id}',
			'/replays/{id}/cancel',
			'/reports',
			'/reports/{id}',
			'/reports/{id}/forward',
			'/send',
			'/send/batch',
			'/version',
			'/webhook-deliveries',
			'/webhook-deliveries/{id}',
			'/webhook-deliveries/{id}/retry',
		]);
		const { schema } =
			withoutRefs(body).paths['/send'].post.requestBody.content['application/json'];
		// With channels, or with a policy.
		expect(schema.anyOf.map(({ required }: { required: string[] }) => required)).toEqual([
			['message', 'channels'],
			['message', 'escalation'],
		]);
	});

	it('shows them on a page', async () => {
		const page = await runner.get('/docs/');
		expect(page.status).toBe(200);
		expect(page.body).toContain('swagger-ui');
	});

	it('counts what Prometheus asks for', async () => {
		const { body } = await runner.post('/send', send);
		await ended(runner, body.notification_id);
		const metrics = String((await runner.get('/metrics')).body);
		for (const line of [
			'sureping_notifications_accepted_total 1',
			'sureping_delivery_events_total{event="notification.delivered",channel="console"} 1',
			'sureping_delivery_attempt_duration_seconds_count{channel="console",result="delivered"} 1',
			'sureping_http_request_duration_seconds_count{method="POST",route="/send",status_code="202"} 1',
			'sureping_pending{kind="deliveries"} 0',
			'sureping_webhooks_at_rest{state="held"} 0',
			'sureping_endpoints{standing="disabled"} 0',
		]) {
			expect(metrics).toContain(line);
		}
		expect(metrics).toContain('process_cpu_seconds_total');
	});
});
