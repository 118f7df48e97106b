import { startSink } from '../fakes/sink.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import {
	API_KEY,
	type RunnerProcess,
	startRunner,
	WEBHOOK_SECRET,
} from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const SENDER = 'sp_test_sender_0123456';
const ENDPOINT_SECRET = 'whsec_endpoint_0123456789';

describe('a send with an escalation policy, through real servers', () => {
	let sink: RecordingServer;
	let runner: RunnerProcess;

	beforeAll(async () => {
		sink = await startSink();
		const hook = (name: string) => ({ name, channel: 'webhook', url: `${sink.url}/${name}` });
		runner = await startRunner({
			loop_limit: 2,
			api_keys: [
				{ name: 'test', key: API_KEY, scopes: ['admin'], webhook_secret: WEBHOOK_SECRET },
				{ name: 'sender', key: SENDER, scopes: ['send'] },
			],
			connections: [
				...[hook('ops'), hook('phone'), hook('boss')],
				{ name: 'terminal', channel: 'console' },
			],
			endpoints: [{ name: 'events', url: `${sink.url}/events`, secret: ENDPOINT_SECRET }],
			contacts: [
				{
					id: 'alice',
					name: 'Alice',
					addresses: [
						{ channel: 'webhook', connection: 'phone', address: 'phone' },
						{ channel: 'webhook', connection: 'boss', address: 'boss' },
					],
				},
				{ id: 'carol', name: 'Carol', addresses: [{ channel: 'console', address: '+491234' }] },
			],
			on_call: [{ name: 'ops', members: ['alice'], handover: 'Mon 09:00', time_zone: 'UTC' }],
			policies: [
				{ name: 'alone', steps: [{ after_s: 0, notify: ['contact:carol'] }] },
				{
					name: 'page',
					steps: [
						{ after_s: 0, notify: ['webhook:ops'] },
						{ after_s: 0.3, notify: ['on_call:ops'] },
						{ after_s: 0.3, notify: ['webhook:boss'] },
					],
				},
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await sink.close();
	});

	const pagesOf = (incident: string): readonly string[] =>
		sink.requests
			.filter(({ path, body }) => path !== '/events' && body.includes(incident))
			.map(({ path }) => path);
	const eventsOf = (id: string): readonly string[] =>
		sink.requests
			.filter(({ path }) => path === '/events')
			.map(({ body }) => JSON.parse(body))
			.filter(({ incident_id: incident }) => incident === id)
			.map(({ event }) => event);

	it('pages until nobody is left, and tells of every step', async () => {
		const sent = await runner.post('/send', { message: 'disk 1', escalation: 'page' });
		expect(sent).toMatchObject({
			status: 202,
			body: {
				notification_id: expect.stringMatching(/^msg_/),
				status: 'queued',
				deliveries: [{ channel: 'webhook' }],
				incident: { id: expect.stringMatching(/^inc_/), status: 'open', opened: true },
			},
		});
		const { id } = sent.body.incident;
		await waitUntil('it is exhausted', () => eventsOf(id).includes('escalation.exhausted'));
		expect(pagesOf('disk 1')).toEqual(['/ops', '/phone', '/boss']);
		expect([...eventsOf(id)].sort()).toEqual([
			'escalation.exhausted',
			'escalation.opened',
			'escalation.step_started',
			'escalation.step_started',
			'escalation.step_started',
		]);
		const first = await runner.get(`/notifications/${sent.body.notification_id}`);
		expect(first.body.status).toBe('delivered');
	});

	it('adds a send with the same key to the incident, and pages nobody', async () => {
		const steps = [
			{ after_s: 0, notify: ['webhook:ops'] },
			{ after_s: 600, notify: ['webhook:boss'] },
		];
		const send = { message: 'disk 2', escalation: { steps }, dedup_key: 'disk-2' };
		const [first, second] = [await runner.post('/send', send), await runner.post('/send', send)];
		expect([first.status, second.status]).toEqual([202, 200]);
		expect(second.body).toEqual({
			...first.body,
			deliveries: [],
			incident: { ...first.body.incident, opened: false },
		});
		await waitUntil('it is paged', () => pagesOf('disk 2').length === 1);
	});

	it('stops a chain of escalations that follow from its events', async () => {
		const steps = [{ after_s: 600, notify: ['webhook:ops'] }];
		let follows: string | undefined;
		const answered: number[] = [];
		for (let i = 0; i < 4; i++) {
			const more = follows === undefined ? {} : { in_reply_to: follows };
			const sent = await runner.post('/send', { message: 'chain', escalation: { steps }, ...more });
			answered.push(sent.status);
			if (sent.status !== 202) break;
			const { id } = sent.body.incident;
			const { body } = await runner.get('/events?limit=1000&types=escalation.opened');
			follows = body.events.find((one: { incident_id: string }) => one.incident_id === id).event_id;
		}
		expect(answered).toEqual([202, 202, 202, 409]);
	});

	it('names no address of a contact to a key that may only send', async () => {
		const only = { authorization: `Bearer ${SENDER}` };
		const send = { message: 'private', escalation: 'alone' };
		const sent = await runner.post('/send', send, only);
		expect(sent.body.deliveries).toEqual([
			{ id: expect.any(String), channel: 'console', recipient: '+…', contact_id: 'carol' },
		]);
		const own = await runner.post('/send', send);
		expect(own.body.deliveries[0].recipient).toBe('+491234');
	});

	it('refuses what its pages would repeat too often', async () => {
		const notify = Array.from({ length: 20 }, () => 'webhook:ops');
		const steps = Array.from({ length: 11 }, () => ({ after_s: 0, notify }));
		const errorsOf = async (more: object): Promise<unknown> =>
			(await runner.post('/send', { message: 'm', ...more })).body.errors;
		expect(await errorsOf({ escalation: { steps } })).toEqual([
			{ path: 'escalation.steps', message: 'must notify at most 200 parties in all, not 220' },
		]);
		const metadata = { text: 'x'.repeat(70_000) };
		expect(await errorsOf({ escalation: 'page', metadata })).toEqual([
			{ path: 'metadata', message: expect.stringMatching(/at most 65536 characters/) },
		]);
	});

	it('is called off by cancelling its notification', async () => {
		const send = {
			message: 'disk 3',
			escalation: { steps: [{ after_s: 600, notify: ['webhook:ops'] }] },
			dedup_key: 'disk-3',
		};
		const sent = await runner.post('/send', send);
		const cancelled = await runner.post(`/notifications/${sent.body.notification_id}/cancel`, {});
		expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
		// The key is free again.
		expect((await runner.post('/send', send)).status).toBe(202);
	});

	it.each([
		[{ escalation: 'nobody' }, 'escalation', /there is no policy nobody; one of: alone, page/],
		[{ escalation: { steps: [] } }, 'escalation.steps', /at least one step/],
		[
			{ escalation: { steps: [{ after_s: 0, notify: ['contact:bob'] }] } },
			'escalation.steps.0.notify.0',
			/there is no contact bob/,
		],
		[{ escalation: 'page', fallback_channels: ['webhook'] }, 'fallback_channels', /when: failed/],
		[{ dedup_key: 'k', channels: ['webhook'] }, 'dedup_key', /escalation/],
	])('refuses %j and says what to change', async (body, path, message) => {
		const refused = await runner.post('/send', { message: 'm', ...body });
		expect(refused.status).toBe(422);
		expect(refused.body.errors).toContainEqual({ path, message: expect.stringMatching(message) });
	});
});
