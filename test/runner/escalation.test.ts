import { startSink } from '../fakes/sink.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const ENDPOINT_SECRET = 'whsec_endpoint_0123456789';

describe('a send with an escalation policy, through real servers', () => {
	let sink: RecordingServer;
	let runner: RunnerProcess;

	beforeAll(async () => {
		sink = await startSink();
		const hook = (name: string) => ({ name, channel: 'webhook', url: `${sink.url}/${name}` });
		runner = await startRunner({
			connections: [hook('ops'), hook('phone'), hook('boss')],
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
			],
			on_call: [{ name: 'ops', members: ['alice'], handover: 'Mon 09:00', time_zone: 'UTC' }],
			policies: [
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
		[{ escalation: 'nobody' }, 'escalation', /there is no policy nobody; one of: page/],
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
