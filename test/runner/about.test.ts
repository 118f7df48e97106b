import { randomBytes } from 'node:crypto';
import { FEATURES } from '../../runner/http/features.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const SECRET = 'whsec_endpoint_0123456789';
const SOURCE = {
	system: 'n8n',
	workflow_id: 'Nq2',
	workflow_name: 'Order flow',
	execution_id: '1234',
	url: 'https://n8n.example.com/workflow/Nq2/executions/1234',
};
const SCOPES = ['send', 'read', 'endpoints', 'manage', 'respond', 'check_in', 'mcp', 'admin'];
const keyOf = (scope: string): string => `sp_test_key_for_${scope}_only`;

let slack: FakeSlack;
let sink: RecordingServer;
let runner: RunnerProcess;

beforeAll(async () => {
	[slack, sink] = await Promise.all([startSlack(), startSink()]);
	runner = await startRunner({
		api_keys: [
			{
				name: 'test',
				key: API_KEY,
				scopes: ['send', 'read', 'endpoints'],
				webhook_secret: 'whsec_callbacks_0123456789',
			},
			...SCOPES.map((scope) => ({ name: scope, key: keyOf(scope), scopes: [scope] })),
		],
		loop_limit: 2,
		connections: [
			{ name: 'ops-slack', channel: 'slack', webhook_url: slack.webhookUrl },
			{ name: 'terminal', channel: 'console' },
		],
		endpoints: [
			{ name: 'ours', url: `${sink.url}/ours`, secret: SECRET },
			{ name: 'one-ping', url: `${sink.url}/one-ping`, secret: SECRET, profile: 'one-ping' },
			{
				name: 'standard',
				url: `${sink.url}/standard`,
				secret: `whsec_${randomBytes(24).toString('base64')}`,
				profile: 'standard-webhooks',
				events: ['*'],
			},
		],
		retry: { delays_s: [], jitter: 0, timeout_s: 2 },
	});
});
afterAll(async () => {
	await runner.dispose();
	await Promise.all([slack.close(), sink.close()]);
});

/** Events about a notification that an endpoint received. */
const told = (path: string, id: string): Record<string, unknown>[] =>
	sink.requests
		.filter((request) => request.path === path)
		.map((request) => JSON.parse(request.body))
		.map((body) => body.data ?? body)
		.filter((body) => body.notification_id === id);

describe('a send that fails', () => {
	it('says in every event what was to be said and where it came from, and once that nothing arrived', async () => {
		slack.answer({ status: 404, body: 'no_service' });
		const send = {
			message: 'x'.repeat(400),
			subject: 'Pump 3',
			source: SOURCE,
			channels: ['slack'],
		};
		const { status, body } = await runner.post('/send', send);
		expect(status).toBe(202);
		const id = body.notification_id;
		const notification = await ended(runner, id);
		expect(notification).toMatchObject({
			message: send.message,
			subject: 'Pump 3',
			source: SOURCE,
			status: 'failed',
		});
		const about = { message: 'x'.repeat(280), subject: 'Pump 3', source: SOURCE };
		const types = ['notification.queued', 'notification.failed', 'notification.undelivered'];
		const feed = (await runner.get('/events?limit=1000')).body.events.filter(
			(event: { notification_id: string }) => event.notification_id === id,
		);
		await waitUntil('all endpoints are told', () =>
			[told('/ours', id), told('/standard', id)].every((events) => events.length === 3),
		);
		await waitUntil('One-Ping’s format is told', () => told('/one-ping', id).length === 1);
		for (const events of [notification.events, feed, told('/ours', id), told('/standard', id)]) {
			expect(events.map(({ event }: { event: string }) => event).sort()).toEqual(types.toSorted());
			for (const event of events) expect(event).toMatchObject(about);
		}
		const undelivered = feed.at(-1);
		expect(undelivered).toMatchObject({
			event: 'notification.undelivered',
			status: 'undelivered',
			sequence: 1,
			deliveries: [{ channel: 'slack', connection: 'ops-slack', error: { code: 'TARGET_GONE' } }],
		});
		for (const name of ['delivery_id', 'channel', 'recipient']) {
			expect(undelivered).not.toHaveProperty(name);
		}
		const [onePing] = told('/one-ping', id);
		expect(onePing).toMatchObject({ event: 'notification.failed', all_channels_failed: true });
		for (const name of Object.keys(about)) expect(onePing).not.toHaveProperty(name);
	});

	it('is answered as before when it comes again from another execution with the same key', async () => {
		const send = { message: 'once', channels: ['console'], idempotency_key: 'order-7' };
		const first = await runner.post('/send', { ...send, source: SOURCE });
		const again = await runner.post('/send', {
			...send,
			source: { ...SOURCE, execution_id: '1235' },
			in_reply_to: 'evt_unknown',
		});
		expect(again).toMatchObject({ status: 202, body: first.body });
		expect((await runner.post('/send', { ...send, message: 'twice' })).status).toBe(409);
	});

	it.each([
		[{ source: { url: 'javascript:alert(1)' } }, 'source.url'],
		[{ source: { url: 'https://user:hunter2@n8n.example.com/workflow/1' } }, 'source.url'],
		[{ source: { url: 'https://token@n8n.example.com/workflow/1' } }, 'source.url'],
		[{ source: { workflow_name: 'x'.repeat(256) } }, 'source.workflow_name'],
		[{ source: { host: 'a' } }, 'source.host'],
		[{ source: 'n8n' }, 'source'],
		[{ in_reply_to: 7 }, 'in_reply_to'],
	])('is refused with %j', async (more, path) => {
		const { status, body } = await runner.post('/send', {
			message: 'm',
			channels: ['console'],
			...more,
		});
		expect(status).toBe(422);
		expect(body.errors).toMatchObject([{ path }]);
	});
});

describe('a chain of sends that follow from each other’s events', () => {
	interface Link {
		readonly id: string;
		readonly event: string;
	}

	async function send(inReplyTo?: string): Promise<Link> {
		const { status, body } = await runner.post('/send', {
			message: 'm',
			channels: ['console'],
			...(inReplyTo === undefined ? {} : { in_reply_to: inReplyTo }),
		});
		expect(status).toBe(202);
		const found = await ended(runner, body.notification_id);
		return { id: body.notification_id, event: found.events.at(-1).event_id };
	}
	const loops = async (id: string): Promise<{ event: string }[]> =>
		(await runner.get(`/notifications/${id}`)).body.events.filter(
			({ event }: { event: string }) => event === 'notification.loop_stopped',
		);

	it('ends at the limit, with a problem of its own and one event', async () => {
		const first = await send();
		const second = await send(first.event);
		const third = await send(second.event);
		const refused = { message: 'm', channels: ['console'], in_reply_to: third.event };
		for (let i = 0; i < 3; i++) {
			const { status, body, headers } = await runner.post('/send', refused);
			expect(status).toBe(409);
			expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
			expect(body).toMatchObject({ loop_limit: 2, depth: 3, notification_id: third.id });
			expect(body.type).toMatch(/\/loop$/);
			expect(body.detail).toContain('loop_limit');
		}
		const [stopped, ...others] = await loops(third.id);
		expect(others).toEqual([]);
		expect(stopped).toMatchObject({ in_reply_to: third.event, loop_limit: 2, message: 'm' });
		expect(await loops(first.id)).toEqual([]);
	});

	it('refuses one item of a batch alone, and starts anew from what is not known here', async () => {
		const third = await send((await send((await send()).event)).event);
		const item = { message: 'm', channels: ['console'] };
		const { status, body } = await runner.post('/send/batch', {
			sends: [item, { ...item, in_reply_to: third.event }, { ...item, in_reply_to: 'evt_nobody' }],
		});
		expect(status).toBe(200);
		expect(body.results).toMatchObject([
			{ status: 202 },
			{ status: 409, problem: { type: expect.stringMatching(/\/loop$/), depth: 3 } },
			{ status: 202 },
		]);
	});

	it('ends also when two workflows answer each other, and answer the loop_stopped too', async () => {
		const answered = new Set<unknown>();
		const statuses: number[] = [];
		let latest = (await send()).id;
		// Each workflow sends for every event that it hears of, also for the end of the loop.
		for (let quiet = 0; quiet < 3;) {
			const heard = (await runner.get(`/notifications/${latest}`)).body.events.filter(
				({ event_id }: { event_id: string }) => !answered.has(event_id),
			);
			quiet = heard.length === 0 ? quiet + 1 : 0;
			for (const { event_id } of heard) {
				answered.add(event_id);
				const { status, body } = await runner.post('/send', {
					message: 'm',
					channels: ['console'],
					in_reply_to: event_id,
				});
				statuses.push(status);
				if (status === 202) {
					latest = body.notification_id;
					await ended(runner, latest);
				}
			}
			expect(statuses.length).toBeLessThan(50);
		}
		expect(statuses).toContain(409);
		expect(statuses.at(-1)).toBe(409);
		expect(await loops(latest)).toHaveLength(1);
	});
});

describe('GET /version', () => {
	it.each(SCOPES)('answers a key with the scope %s alone', async (scope) => {
		const { status, body } = await runner.call('GET', '/version', undefined, {
			authorization: `Bearer ${keyOf(scope)}`,
		});
		expect(status).toBe(200);
		expect(body).toEqual({
			version: expect.stringMatching(/^\d+\.\d+\.\d+/),
			features: [...FEATURES],
		});
		expect(body.features).toEqual(expect.arrayContaining(['source', 'in_reply_to', 'undelivered']));
	});

	it('wants a key', async () => {
		const answer = await runner.call('GET', '/version', undefined, { authorization: '' });
		expect(answer.status).toBe(401);
	});
});

describe('a runner whose events are to leave out the text', () => {
	it('tells where a send came from, and the text only to who asks for the notification', async () => {
		const quiet = await startRunner({
			events: { include_message: false },
			endpoints: [{ name: 'quiet', url: `${sink.url}/quiet`, secret: SECRET }],
		});
		try {
			const { body } = await quiet.post('/send', {
				message: 'a secret',
				subject: 'another',
				source: SOURCE,
				channels: ['console'],
			});
			const id = body.notification_id;
			const found = await ended(quiet, id);
			expect(found).toMatchObject({ message: 'a secret', subject: 'another', source: SOURCE });
			await waitUntil('the endpoint is told', () => told('/quiet', id).length === 2);
			const feed = (await quiet.get('/events')).body.events;
			for (const event of [...found.events, ...feed, ...told('/quiet', id)]) {
				expect(event).toMatchObject({ source: SOURCE });
				expect(event).not.toHaveProperty('message');
				expect(event).not.toHaveProperty('subject');
			}
		} finally {
			await quiet.dispose();
		}
	});
});
