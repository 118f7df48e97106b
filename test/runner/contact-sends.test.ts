import { runInNewContext } from 'node:vm';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { type FakeSmtp, startSmtp } from '../fakes/smtp.ts';
import { type FakeTelegram, startTelegram } from '../fakes/telegram.ts';
import { ONE_PING_QUEUE_WORKER, ONE_PING_SHOP } from '../support/one-ping-sends.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const ALL_WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** A contact for whom it is night from an hour ago until an hour from now. */
function sleeper(id: string, action: 'hold' | 'skip'): object {
	const clock = (ms: number): string => new Date(Date.now() + ms).toISOString().slice(11, 16);
	const night = { days: ALL_WEEK, from: clock(-3600_000), to: clock(3600_000), do: action };
	return {
		id,
		name: id,
		addresses: [{ channel: 'telegram', address: '42' }],
		quiet_hours: [night],
	};
}

describe('sends to contacts, through real servers', () => {
	let slack: FakeSlack;
	let smtp: FakeSmtp;
	let telegram: FakeTelegram;
	let runner: RunnerProcess;

	beforeAll(async () => {
		[slack, smtp, telegram] = await Promise.all([startSlack(), startSmtp(), startTelegram()]);
		runner = await startRunner({
			connections: [
				{ name: 'sales', channel: 'slack', webhook_url: slack.webhookUrl },
				{
					name: 'bot',
					channel: 'telegram',
					bot_token: telegram.botToken,
					base_url: telegram.url,
				},
				{
					name: 'mail',
					channel: 'email',
					smtp: { host: smtp.host, port: smtp.port },
					from: 'Shop <shop@example.com>',
				},
				{ name: 'terminal', channel: 'console' },
			],
			contacts: [
				{
					id: 'sales',
					name: 'Sales',
					addresses: [
						{ channel: 'telegram', address: '@ops_channel' },
						{ channel: 'email', address: 'sales@example.com' },
					],
				},
				{
					id: 'ada',
					name: 'Ada',
					addresses: [
						{ channel: 'email', address: 'ada@example.com' },
						{ channel: 'telegram', address: '42' },
					],
				},
				sleeper('sleeper', 'hold'),
				sleeper('hermit', 'skip'),
			],
			on_call: [
				{ name: 'primary', members: ['ada'], every: 'day', handover: '09:00' },
				{ name: 'vacant', ical_url: 'https://calendar.example.com/on-call.ics' },
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await Promise.all([slack.close(), smtp.close(), telegram.close()]);
	});

	const send = async (more: object) =>
		await runner.post('/send', { message: 'hello', channels: ['telegram'], ...more });
	const read = async (id: string) => (await runner.get(`/notifications/${id}`)).body;
	const errorsOf = async (more: object): Promise<unknown> => {
		const { status, body } = await send(more);
		expect(status).toBe(422);
		return body.errors;
	};

	it('say whose address a delivery goes to, when they are accepted and later', async () => {
		const { status, body } = await send({
			channels: ['telegram', 'slack'],
			recipient: 'contact:ada',
		});
		expect(status).toBe(202);
		expect(body.deliveries).toEqual([
			{ id: expect.any(String), channel: 'telegram', recipient: '42', contact_id: 'ada' },
			{ id: expect.any(String), channel: 'slack', recipient: 'sales' },
		]);
		// It is delivered as soon as one of the two is.
		await waitUntil('both have arrived', async () =>
			(await read(body.notification_id)).deliveries.every(
				({ status: state }: { status: string }) => state === 'delivered',
			),
		);
		const found = await ended(runner, body.notification_id);
		expect(found.deliveries).toMatchObject([
			{ channel: 'telegram', recipient: '42', contact_id: 'ada', status: 'delivered' },
			{ channel: 'slack', recipient: 'sales', status: 'delivered' },
		]);
		expect(telegram.messages.at(-1)).toEqual({ chat: '42', text: 'hello' });
	});

	it('reach whoever is on call, and contacts that the API made', async () => {
		expect((await send({ recipient: 'on_call:primary' })).body.deliveries).toMatchObject([
			{ contact_id: 'ada', recipient: '42' },
		]);
		const made = await runner.post('/contacts', {
			id: 'ben',
			name: 'Ben',
			addresses: [{ channel: 'telegram', address: '@ops_channel' }],
		});
		expect(made.status).toBe(201);
		const { body } = await send({ recipient: { telegram: 'contact:ben' } });
		expect(body.deliveries).toMatchObject([{ contact_id: 'ben', recipient: '@ops_channel' }]);
	});

	it('are refused where there is nobody to send to, and store nothing', async () => {
		const newest = async (): Promise<unknown> =>
			(await runner.get('/notifications?limit=1')).body.notifications[0]?.notification_id;
		const before = await newest();
		expect(await errorsOf({ recipient: 'contact:dora' })).toEqual([
			{ path: 'recipient', message: 'there is no contact dora' },
		]);
		expect(await errorsOf({ recipient: 'on_call:second' })).toEqual([
			{ path: 'recipient', message: 'there is no on-call second' },
		]);
		expect(await errorsOf({ channels: ['email'], recipient: 'contact:sleeper' })).toEqual([
			{ path: 'recipient', message: 'contact sleeper has no address for email' },
		]);
		expect(await errorsOf({ recipient: 'on_call:vacant' })).toEqual([
			{ path: 'recipient', message: expect.stringMatching(/^nobody is on call in vacant: /) },
		]);
		// Of a body with other mistakes, those that need no look at the contacts are told at once.
		expect(await errorsOf({ message: '', recipient: 'contact:ada' })).toEqual([
			{ path: 'message', message: 'must not be empty' },
		]);
		expect(await newest()).toBe(before);
	});

	it('are each an item of their own in a batch', async () => {
		const item = (recipient: string) => ({ message: 'hello', channels: ['telegram'], recipient });
		const { body } = await runner.post('/send/batch', {
			sends: [item('contact:ada'), item('contact:dora')],
		});
		expect(body.results).toMatchObject([
			{ status: 202, deliveries: [{ contact_id: 'ada' }] },
			{ status: 422, problem: { errors: [{ path: 'recipient' }] } },
		]);
	});

	it('wait for the end of quiet hours, or end with the reason; critical ones do neither', async () => {
		const held = (await send({ recipient: 'contact:sleeper' })).body.notification_id;
		const skipped = (await send({ recipient: 'contact:hermit' })).body.notification_id;
		const urgent = (await send({ recipient: 'contact:sleeper', priority: 'critical' })).body
			.notification_id;
		await ended(runner, urgent);
		const { events } = await ended(runner, skipped);
		expect(events.map(({ event }: { event: string }) => event)).toEqual([
			'notification.queued',
			'notification.failed',
			'notification.undelivered',
		]);
		expect(events[1].error.code).toBe('QUIET_HOURS');
		expect(await read(held)).toMatchObject({
			status: 'queued',
			deliveries: [{ contact_id: 'sleeper', status: 'queued', attempts: [] }],
		});
		expect((await runner.post(`/notifications/${held}/cancel`, {})).body.status).toBe('cancelled');
	});

	it('work with the samples of One-Ping’s guide as they are, but for the host and the key', async () => {
		const answers: { status: number; deliveries: unknown }[] = [];
		const toRunner = async (url: string, options: RequestInit): Promise<void> => {
			const own = url.replace('https://api.one-ping.com', runner.url);
			const headers = { ...options.headers, authorization: `Bearer ${API_KEY}` };
			Reflect.deleteProperty(headers, 'Authorization');
			const answer = await fetch(own, { ...options, headers });
			const { deliveries } = Object(await answer.json()) as { deliveries: unknown };
			answers.push({ status: answer.status, deliveries });
		};
		const run = (code: string, values: object): unknown =>
			runInNewContext(`(async () => {${code}})()`, { fetch: toRunner, ...values });
		await run(ONE_PING_QUEUE_WORKER, {
			data: { order_id: 1042, total: 99, customer_name: 'Ada' },
		});
		await run(ONE_PING_SHOP, {
			order: {
				order_number: 1043,
				line_items: [{}, {}],
				total_price: '120.00',
				customer: { email: 'ada@example.com', first_name: 'Ada', last_name: 'Byron' },
			},
		});
		expect(answers).toMatchObject([
			{
				status: 202,
				deliveries: [
					{ channel: 'slack', recipient: 'sales' },
					{ channel: 'telegram', recipient: '@ops_channel', contact_id: 'sales' },
				],
			},
			{
				status: 202,
				deliveries: [
					{ channel: 'email', recipient: 'ada@example.com' },
					{ channel: 'telegram', recipient: '42', contact_id: 'ada' },
				],
			},
			{ status: 202, deliveries: [{ channel: 'slack', recipient: 'sales' }] },
		]);
		const confirmed =
			"Order confirmed! #1043 - 2 items totaling $120.00. We'll notify you when it ships.";
		await waitUntil('the customer is told', () =>
			telegram.messages.some(({ chat, text }) => chat === '42' && text === confirmed),
		);
		expect(telegram.messages).toContainEqual({
			chat: '@ops_channel',
			text: 'New order #1042: $99 from Ada',
		});
		await smtp.received(1);
		expect(smtp.mails[0]?.to).toEqual(['ada@example.com']);
	});
});
