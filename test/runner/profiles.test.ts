import { type ProviderId, type RawRequest, receive } from '@sureping/engine';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import type { RecordedRequest, RecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import { type FakeTelegram, startTelegram } from '../fakes/telegram.ts';
import { sureping } from '../support/cli.ts';
import {
	type Answer,
	API_KEY,
	ended,
	type RunnerProcess,
	startRunner,
} from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

let runner: RunnerProcess;
let sink: RecordingServer;
let telegram: FakeTelegram;

beforeAll(async () => {
	[sink, telegram] = await Promise.all([startSink(), startTelegram()]);
	runner = await startRunner({
		connections: [
			{ name: 'bot', channel: 'telegram', bot_token: telegram.botToken, base_url: telegram.url },
			{ name: 'terminal', channel: 'console' },
		],
		endpoints: [
			{ name: 'reports', url: `${sink.url}/reports`, profile: 'otpiq', report_type: 'final' },
			{ name: 'silent', url: `${sink.url}/silent`, profile: 'notificationapi' },
		],
		retry: { delays_s: [], jitter: 0, timeout_s: 2 },
		webhook_retry: { delays_s: [0.05, 0.05, 0.05], jitter: 0, timeout_s: 2 },
	});
});
afterAll(async () => {
	await runner.dispose();
	await Promise.all([sink.close(), telegram.close()]);
});

let paths = 0;
async function endpoint(settings: object): Promise<Answer['body'] & { path: string }> {
	const path = `/${++paths}`;
	const { status, body } = await runner.post('/endpoints', {
		name: 'e',
		url: sink.url + path,
		...settings,
	});
	expect([status, body.errors]).toEqual([201, undefined]);
	return { ...body, path };
}
const at = (path: string) => sink.requests.filter((request) => request.path === path);
async function send(more: object = {}): Promise<string> {
	const request = { message: 'hello', channels: ['telegram'], recipient: '42', ...more };
	const { status, body } = await runner.post('/send', request);
	expect([status, body.errors]).toEqual([202, undefined]);
	await ended(runner, body.notification_id);
	return body.notification_id;
}
const raw = ({ headers, bytes: body }: RecordedRequest, url = '/'): RawRequest => ({
	method: 'POST',
	url,
	headers,
	body,
});
function read(provider: ProviderId, request: RecordedRequest, secret: string) {
	const result = receive(provider, raw(request), [secret], { now: request.at });
	if (!result.ok) throw new Error(result.reason);
	return result.events;
}

describe('an endpoint with batches', () => {
	const batch = { max_events: 4, max_wait_ms: 300 };

	it('gets events together, signed once, in order', async () => {
		const { path, secret, id, ...shown } = await endpoint({
			profile: 'sureping',
			events: ['notification.delivered'],
			batch,
		});
		expect(shown).toMatchObject({ batch });
		const sends = Array.from({ length: 6 }, (_, n) => ({
			message: 'm',
			channels: ['console'],
			metadata: { n },
		}));
		const { body } = await runner.post('/send/batch', { sends });
		const ids = body.results.map((one: { notification_id: string }) => one.notification_id);
		await waitUntil('both requests arrive', () => at(path).length === 2);
		const events = at(path).map((request) => read('sureping', request, secret));
		expect(events.map((list) => list.length)).toEqual([4, 2]);
		expect(
			events
				.flat()
				.map((event) => event.notificationId)
				.sort(),
		).toEqual([...ids].sort());
		const log = await runner.get(`/webhook-deliveries?endpoint=${id}`);
		expect(log.body.webhook_deliveries).toHaveLength(6);
		for (const one of log.body.webhook_deliveries) {
			expect(one).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });
		}
	});

	it('can be changed, and be an ordinary one again', async () => {
		const { id } = await endpoint({ batch });
		const patch = (body: object) => runner.call('PATCH', `/endpoints/${id}`, body);
		const wider = { max_events: 1000, max_wait_ms: 60_000 };
		expect((await patch({ batch: wider })).body.batch).toEqual(wider);
		expect((await patch({ name: 'other' })).body.batch).toEqual(wider);
		expect((await patch({ batch: null })).body).not.toHaveProperty('batch');
		expect((await runner.get(`/endpoints/${id}`)).body).not.toHaveProperty('batch');
	});

	it.each([
		[{ batch: { max_events: 0, max_wait_ms: 0 } }, 'batch.max_events'],
		[{ batch: { max_events: 1001, max_wait_ms: 0 } }, 'batch.max_events'],
		[{ batch: { max_events: 1, max_wait_ms: 60_001 } }, 'batch.max_wait_ms'],
		[{ batch, profile: 'otpiq' }, 'batch'],
		[{ batch, profile: 'standard-webhooks' }, 'batch'],
		[{ report_type: 'final' }, 'report_type'],
	])('is not made of %j', async (settings, path) => {
		const { status, body } = await runner.post('/endpoints', {
			name: 'e',
			url: `${sink.url}/never`,
			...settings,
		});
		expect([status, body.errors?.[0].path]).toEqual([422, path]);
	});

	it('is not made of one whose format has none', async () => {
		const { id } = await endpoint({ profile: 'onepush' });
		const answer = await runner.call('PATCH', `/endpoints/${id}`, { batch });
		expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'batch']);
	});

	it('is made by the command line too', async () => {
		const url = `${sink.url}/cli`;
		const args = ['add', url, '--name', 'cli', '--profile', 'one-ping', '--batch', '50,200'];
		const env = { SUREPING_URL: runner.url, SUREPING_KEY: API_KEY };
		const { out } = await sureping(['endpoints', ...args, '--json'], env);
		expect(JSON.parse(out)).toMatchObject({
			profile: 'one-ping',
			batch: { max_events: 50, max_wait_ms: 200 },
		});
	});
});

describe('a standard-webhooks endpoint', () => {
	const events = ['notification.delivered'];

	it('verifies with its secret as it was shown, and while a rotation lasts with the one before', async () => {
		const { id, path, secret } = await endpoint({ profile: 'standard-webhooks', events });
		const rotated = (await runner.post(`/endpoints/${id}/rotate-secret`, {})).body.secret;
		const sent = await send();
		await waitUntil('it arrives', () => at(path).length === 1);
		const [request] = at(path);
		for (const key of [secret, rotated]) {
			const headers = request!.headers as Record<string, string>; // None of these comes twice.
			expect(new StandardWebhook(key).verify(request!.body, headers)).toMatchObject({
				type: 'notification.delivered',
				data: { notification_id: sent },
			});
		}
	});

	it('is disabled by 410, and keeps what it was owed', async () => {
		const { id, path } = await endpoint({ profile: 'standard-webhooks', events });
		await runner.post(`/endpoints/${id}/disable`, {});
		await send();
		await waitUntil('nothing else is pending', async () => {
			const { body } = await runner.get('/webhook-deliveries?status=pending');
			return body.webhook_deliveries.length === 0;
		});
		sink.answer({ status: 410 });
		await runner.post(`/endpoints/${id}/enable`, {});
		await waitUntil('it is disabled', async () => {
			return (
				(await runner.get(`/endpoints/${id}`)).body.status === 'disabled' && at(path).length > 0
			);
		});
		const held = await runner.get(`/webhook-deliveries?endpoint=${id}&status=held`);
		expect(held.body.webhook_deliveries).toMatchObject([{ attempts: [{ status: 410 }] }]);
		await runner.post(`/endpoints/${id}/enable`, {});
		await waitUntil('it arrives', () => at(path).length === 2);
	});
});

describe('formats that do not sign, or need not', () => {
	it('send what they have words for, and are owed nothing else', async () => {
		const sent = await send();
		const found = () => at('/reports').find(({ body }) => body.includes(sent));
		await waitUntil('the report arrives', () => found() !== undefined);
		const report = found();
		expect(JSON.parse(report!.body)).toEqual({
			smsId: sent,
			deliveryReportType: 'final',
			isFinal: true,
			channel: 'telegram',
			status: 'delivered',
		});
		expect(report!.headers).not.toHaveProperty('x-otpiq-webhook-secret');
		const { endpoints } = (await runner.get('/endpoints')).body;
		const silent = endpoints.find(({ name }: { name: string }) => name === 'silent');
		const owed = await runner.get(`/webhook-deliveries?endpoint=${silent.id}`);
		expect(owed.body.webhook_deliveries).toEqual([]);
	});

	it('have no secret to show or to rotate where they never sign', async () => {
		const made = await endpoint({ profile: 'notificationapi' });
		expect(made).not.toHaveProperty('secret');
		expect((await runner.post(`/endpoints/${made.id}/rotate-secret`, {})).status).toBe(409);
	});

	it.each(['sureping', 'onepush', 'notificationapi', 'pingram', 'otpiq', 'standard-webhooks'])(
		'can be tested: %s',
		async (profile) => {
			const { id, path } = await endpoint({ profile });
			expect((await runner.post(`/endpoints/${id}/test`, {})).body).toMatchObject({ ok: true });
			expect(at(path)).toHaveLength(1);
		},
	);
});

describe('a send with a delivery_report', () => {
	const SECRET = 'your_webhook_secret_123';

	it('tells its URL in OTPIQ’s format what became of it, until the end', async () => {
		const { path } = await endpoint({ events: ['notification.delivered'], default: true });
		const url = `${sink.url}/report`;
		const sent = await send({
			recipient: { telegram: '43', console: 'terminal' },
			fallback_channels: ['console'],
			delivery_report: {
				webhookUrl: url,
				deliveryReportType: 'all',
				webhookSecret: SECRET,
			},
		});
		await waitUntil('the report arrives', () => at('/report').length === 1);
		const [request] = at('/report');
		expect(request!.headers['x-otpiq-webhook-secret']).toBe(SECRET);
		expect(read('otpiq', request!, SECRET)).toMatchObject([
			{ type: 'notification.failed', notificationId: sent, channel: 'telegram', final: false },
		]);
		// Unlike a callback_url it takes nobody's place.
		await waitUntil('the default endpoint is told', () => at(path).length === 1);
	});

	it('goes with a callback_url, each in its own format', async () => {
		const callback_url = `${sink.url}/callback-too`;
		const webhookUrl = `${sink.url}/report-too`;
		await send({ callback_url, delivery_report: { webhookUrl } });
		await waitUntil('both arrive', () =>
			['/callback-too', '/report-too'].every((path) => at(path).length === 1),
		);
		expect(JSON.parse(at('/callback-too')[0]!.body).event).toBe('notification.delivered');
		expect(JSON.parse(at('/report-too')[0]!.body)).toMatchObject({ status: 'delivered' });
		expect(at('/report-too')[0]!.headers).not.toHaveProperty('x-oneping-signature');
	});

	it.each([
		[{ webhookUrl: 'http://192.0.2.7/x' }, 'delivery_report.webhookUrl'],
		[{ webhookUrl: 'nowhere' }, 'delivery_report.webhookUrl'],
		[{ webhookUrl: 'https://127.0.0.1/', webhookSecret: 'a b' }, 'delivery_report.webhookSecret'],
		[
			{ webhookUrl: 'https://127.0.0.1/', deliveryReportType: 'some' },
			'delivery_report.deliveryReportType',
		],
	])('is refused: %j', async (delivery_report, path) => {
		const request = { message: 'm', channels: ['console'], delivery_report };
		const { status, body } = await runner.post('/send', request);
		expect([status, body.errors?.[0].path]).toEqual([422, path]);
	});
});
