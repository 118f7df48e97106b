import type { PackageDirectoryLoader } from 'n8n-core';
import { startNotificationApi } from '../fakes/notificationapi.ts';
import { type FakePingram, startPingram } from '../fakes/pingram-send.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import type { Credentials } from './n8n/credentials.ts';
import { loadPackage } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

let loader: PackageDirectoryLoader;

beforeAll(async () => {
	loader = await loadPackage();
});

/** Two APIs that take the same request. */
interface Api {
	readonly via: string;
	readonly title: string;
	start(): Promise<{ fake: RecordingServer; right: Credentials; wrong: Credentials }>;
	readonly path: string;
	readonly refusesKey: string;
}

const APIS: readonly Api[] = [
	{
		via: 'notificationApi',
		title: 'NotificationAPI',
		async start() {
			const fake = await startNotificationApi();
			const { clientId, clientSecret, url: baseUrl } = fake;
			return {
				fake,
				right: { notificationApiApi: { clientId, clientSecret, baseUrl } },
				wrong: { notificationApiApi: { clientId, clientSecret: 'other', baseUrl } },
			};
		},
		path: '/client%2F1/sender',
		refusesKey: 'NotificationAPI does not accept the client id and secret',
	},
	{
		via: 'pingram',
		title: 'Pingram',
		async start() {
			const fake = await startPingram();
			return {
				fake,
				right: { pingramApi: { apiKey: fake.apiKey, baseUrl: fake.url } },
				wrong: { pingramApi: { apiKey: 'pingram_sk_other', baseUrl: fake.url } },
			};
		},
		path: '/send',
		refusesKey: 'Unknown API key (UNAUTHORIZED)',
	},
];

describe.each(APIS)('sending via $title', ({ via, start, path, refusesKey }) => {
	let fake: RecordingServer;
	let right: Credentials;
	let wrong: Credentials;

	beforeEach(async () => {
		({ fake, right, wrong } = await start());
	});

	afterEach(async () => {
		await fake.close();
	});

	const send = async (
		parameters: NodeRun['parameters'] = {},
		rest: Partial<NodeRun> = {},
	): Promise<NodeResult> =>
		await runNode(loader, 'sendNotification', {
			credentials: right,
			...rest,
			parameters: { via, notificationType: 'order_shipped', userId: 'u1', ...parameters },
		});

	it('makes the documented request and puts out what is known', async () => {
		const { outputs, error } = await send({
			userEmail: 'ada@example.com',
			userNumber: '+15005550006',
			parameters: '{"firstName": "Ada"}',
			options: {
				forceChannels: ['EMAIL', 'SMS', 'PUSH'],
				templateId: 'tpl_1',
				subNotificationId: 'project-42',
				schedule: '2026-12-24T18:00:00',
				content: '{"email": {"subject": "Hello", "html": "<p>Hello</p>"}}',
			},
		});
		expect(error).toBeUndefined();
		expect(fake.requests.map(({ path: called, body }) => [called, JSON.parse(body)])).toEqual([
			[
				path,
				{
					type: 'order_shipped',
					to: { id: 'u1', email: 'ada@example.com', number: '+15005550006' },
					parameters: { firstName: 'Ada' },
					forceChannels: ['EMAIL', 'SMS', 'PUSH'],
					templateId: 'tpl_1',
					subNotificationId: 'project-42',
					// The workflow's zone is Berlin.
					schedule: '2026-12-24T17:00:00.000Z',
					email: { subject: 'Hello', html: '<p>Hello</p>' },
				},
			],
		]);
		const waiting = { status: 'queued', attempts: [] };
		expect(outputs[0]![0]!.json).toEqual({
			notificationId: 'trk-1',
			status: 'queued',
			deliveries: [
				{ channel: 'email', recipient: 'ada@example.com', ...waiting },
				{ channel: 'sms', recipient: '+15005550006', ...waiting },
				{ channel: 'push', recipient: 'u1', ...waiting },
			],
			raw: { trackingId: 'trk-1', messages: [] },
		});
	});

	it('sends no more than is needed where nothing else is given', async () => {
		await send();
		expect(fake.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
			{ type: 'order_shipped', to: { id: 'u1' } },
		]);
	});

	it('keeps the warning of an acceptance', async () => {
		const messages = ['No template for SMS'];
		fake.answer({ status: 202, body: JSON.stringify({ trackingId: 'trk-w', messages }) });
		const { outputs } = await send();
		expect(outputs[0]![0]!.json).toMatchObject({
			notificationId: 'trk-w',
			status: 'queued',
			warning: 'No template for SMS',
		});
	});

	it.each([
		[{ notificationType: '={{ "" }}' }, 'Notification Type'],
		[{ userId: '={{ "" }}' }, 'User ID'],
		[{ parameters: '[1]' }, 'Merge Parameters'],
		[{ options: { content: '{"fax": {}}' } }, 'Channel Content'],
		[{ options: { schedule: 'soon' } }, 'Schedule'],
	])('names the parameter that is to change in %j and sends nothing', async (parameters, name) => {
		const { error } = await send(parameters);
		expect(error?.message).toContain(`${name}: `);
		expect(fake.requests).toHaveLength(0);
	});

	it('tries an item again after 503 and 429', async () => {
		fake.answer({ status: 503 }, { status: 429, retryAfter: 1 });
		const { error } = await send();
		expect(error).toBeUndefined();
		expect(fake.requests).toHaveLength(3);
	}, 10_000);

	it('does not send again what may have arrived', async () => {
		fake.answer({ reset: true });
		const { error } = await send();
		expect(fake.requests).toHaveLength(1);
		expect(error?.description).toContain('may have been taken, so it was not sent again');
	});

	it('says that the key is not accepted', async () => {
		const { error } = await send({}, { credentials: wrong });
		expect(error?.message).toContain(refusesKey);
		expect(fake.requests).toHaveLength(1);
	});

	it('does not send a second time what went out, with Retry on Fail', async () => {
		fake.answer({ status: 400 });
		const { error } = await send(
			{},
			{
				items: [{ n: 1 }, { n: 2 }],
				settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			},
		);
		expect(error).toBeUndefined();
		expect(fake.requests).toHaveLength(3);
	});

	it('shows no secret in what it says', async () => {
		const { error } = await send({}, { credentials: wrong });
		const shown = JSON.stringify([error?.message, error?.description]);
		for (const secret of ['pingram_sk_other', 'other"']) expect(shown).not.toContain(secret);
	});
});

describe("Pingram's answers", () => {
	let pingram: FakePingram;

	beforeEach(async () => {
		pingram = await startPingram();
	});

	afterEach(async () => {
		await pingram.close();
	});

	const run = async (parameters: NodeRun['parameters']): Promise<NodeResult> =>
		await runNode(loader, 'sendNotification', {
			credentials: { pingramApi: { apiKey: pingram.apiKey, baseUrl: pingram.url } },
			parameters: { via: 'pingram', ...parameters },
		});

	it('come with the fix that they name', async () => {
		const error = {
			code: 'PROVIDER_FAILED',
			message: 'The carrier refused the number',
			fix: 'Register a brand',
			provider: 'telnyx',
			providerCode: '40300',
		};
		pingram.answer({ status: 402, body: JSON.stringify({ trackingId: 'trk-9', error }) });
		const result = await run({ notificationType: 'otp', userId: 'u1' });
		expect(result.error?.message).toBe(
			'Pingram did not take the notification: The carrier refused the number (PROVIDER_FAILED) [Item 0]',
		);
		expect(result.error?.description).toBe(
			'Register a brand Provider: telnyx 40300. Tracking ID: trk-9.',
		);
	});

	it('about a notification are one delivery for each channel, from all rows of its logs', async () => {
		const row = { trackingId: 'trk-1', accountId: 'acc_1' };
		pingram.rows.push(
			{ ...row, user_email: 'ada@example.com', email_sent_at: '2026-01-15T10:30:00.000Z' },
			{ ...row, email_delivered_at: '2026-01-15T10:30:02.000Z' },
			{ ...row, sms_failed_at: '2026-01-15T10:30:01.000Z', sms_failed_code: '30005' },
			{ ...row, trackingId: 'trk-10', email_opened_at: '2026-01-15T11:00:00.000Z' },
		);
		const { outputs } = await run({ operation: 'get', notificationId: 'trk-1' });
		expect(outputs[0]![0]!.json).toMatchObject({
			notificationId: 'trk-1',
			status: 'delivered',
			deliveries: [
				{ channel: 'email', recipient: 'ada@example.com', status: 'delivered' },
				{ channel: 'sms', status: 'failed', error: { code: '30005' } },
			],
		});
	});

	it('say when there is no such notification', async () => {
		const { error } = await run({ operation: 'get', notificationId: 'trk-other' });
		expect(error?.message).toBe('Pingram has no notification trk-other [Item 0]');
	});

	it('are not taken for "no such notification" where they are something else', async () => {
		pingram.answer({ status: 200, body: '<html>Sign in</html>' });
		const { error } = await run({ operation: 'get', notificationId: 'trk-1' });
		expect(error?.message).toBe('Pingram answered 200, but not as its API documents [Item 0]');
	});
});
