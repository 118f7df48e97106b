import type { PackageDirectoryLoader } from 'n8n-core';
import { startDiscord } from '../fakes/discord.ts';
import { startMailgun } from '../fakes/mailgun.ts';
import { startPostmark } from '../fakes/postmark.ts';
import { type FakeResend, startResend } from '../fakes/resend.ts';
import { startSendgrid } from '../fakes/sendgrid.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { startTelegram } from '../fakes/telegram.ts';
import type { Credentials } from './n8n/credentials.ts';
import { loadPackage, nodeType } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

let loader: PackageDirectoryLoader;
let slack: FakeSlack;
let resend: FakeResend;
let credentials: Credentials;

beforeAll(async () => {
	loader = await loadPackage();
});

beforeEach(async () => {
	[slack, resend] = await Promise.all([startSlack(), startResend()]);
	credentials = {
		surepingSlackApi: { secretWebhookUrl: slack.webhookUrl },
		surepingResendApi: {
			apiKey: resend.apiKey,
			from: 'Ops <ops@example.com>',
			baseUrl: resend.url,
		},
	};
});

afterEach(async () => {
	await Promise.all([slack.close(), resend.close()]);
});

const send = async (
	parameters: NodeRun['parameters'],
	rest: Partial<NodeRun> = {},
): Promise<NodeResult> =>
	await runNode(loader, 'sendNotification', {
		credentials,
		...rest,
		parameters: {
			via: 'direct',
			message: 'Backup done',
			channels: ['slack'],
			options: { retryDelays: '0.01, 0.01' },
			...parameters,
		},
	});

const texts = (): unknown[] =>
	slack.requests.map(({ body }) => (JSON.parse(body) as { text: unknown }).text);

describe('sending directly', () => {
	it('evaluates expressions for each item and keeps order and pairing', async () => {
		const names = Array.from({ length: 25 }, (_, i) => `host-${i}`);
		const { outputs, error } = await send(
			{ message: '=Backup of {{ $json.name.toUpperCase() }} done' },
			{ items: names.map((name) => ({ name })) },
		);
		expect(error).toBeUndefined();
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(
			names.map((_, item) => ({ item })),
		);
		expect(new Set(outputs[0]!.map(({ json }) => json.notificationId)).size).toBe(25);
		expect(texts().sort()).toEqual(names.map((n) => `Backup of ${n.toUpperCase()} done`).sort());
	});

	it('puts out the notification with its deliveries and their attempts', async () => {
		slack.answer({ status: 500 });
		const { outputs } = await send({});
		expect(outputs[0]![0]!.json).toEqual({
			notificationId: expect.stringMatching(/^msg_/),
			status: 'delivered',
			deliveries: [
				{
					id: expect.stringMatching(/^dlv_/),
					channel: 'slack',
					recipient: 'My surepingSlackApi',
					status: 'delivered',
					attempts: [
						{
							at: expect.stringMatching(/^\d{4}-.*Z$/),
							latencyMs: expect.any(Number),
							error: { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('500') },
						},
						{ at: expect.any(String), latencyMs: expect.any(Number) },
					],
				},
			],
		});
	});

	it('waits as long as Retry-After asks', async () => {
		slack.answer({ status: 429, retryAfter: 0.3 });
		await send({});
		const [first, second] = slack.requests;
		expect(second!.at - first!.at).toBeGreaterThanOrEqual(295);
	});

	it('makes no second attempt when retry is off', async () => {
		slack.answer({ status: 500 });
		const { error } = await send({ options: { retry: false } });
		expect(error?.message).toContain('slack: Slack answered 500');
		expect(slack.requests).toHaveLength(1);
	});

	it('gives an attempt up after its timeout', async () => {
		slack.answer({ hang: true });
		const { error } = await send({ options: { retry: false, timeout: 0.1 } });
		expect(error?.message).toContain('did not respond within 0.1 s');
	});

	it('falls back to e-mail once Slack is gone', async () => {
		slack.answer({ status: 410, body: 'channel_is_archived' });
		const { outputs } = await send({
			fallbackChannels: ['email'],
			recipient: 'ada@example.com',
			options: { subject: 'Backup' },
		});
		expect(outputs[0]![0]!.json).toMatchObject({
			status: 'delivered',
			deliveries: [
				{
					channel: 'slack',
					recipient: 'My surepingSlackApi',
					status: 'failed',
					attempts: [{ error: { code: 'TARGET_GONE' } }],
				},
				{ channel: 'email', recipient: 'ada@example.com', status: 'delivered' },
			],
		});
		expect(slack.requests).toHaveLength(1);
		expect(resend.mails).toEqual([
			expect.objectContaining({ to: ['ada@example.com'], subject: 'Backup', text: 'Backup done' }),
		]);
	});

	it('reaches every channel that it offers, each with its own credential', async () => {
		const from = 'Ops <ops@example.com>';
		const [telegram, discord, sendgrid, postmark, mailgun] = await Promise.all([
			startTelegram(),
			startDiscord(),
			startSendgrid(),
			startPostmark(),
			startMailgun(),
		]);
		const all = {
			...credentials,
			surepingTelegramApi: { botToken: telegram.botToken, baseUrl: telegram.url },
			surepingDiscordApi: { secretWebhookUrl: discord.webhookUrl },
			surepingSendgridApi: { apiKey: sendgrid.apiKey, from, baseUrl: sendgrid.url },
			surepingPostmarkApi: { serverToken: postmark.serverToken, from, baseUrl: postmark.url },
			surepingMailgunApi: {
				apiKey: mailgun.apiKey,
				domain: mailgun.domain,
				from,
				baseUrl: mailgun.url,
			},
		};
		const offered = nodeType(loader, 'sendNotification')
			.description.properties.filter(({ name }) => name === 'channels')
			.find(({ displayOptions }) => displayOptions?.show?.via?.includes('direct'));
		const channels = (offered?.options ?? [])
			.map((option) => ('value' in option ? String(option.value) : ''))
			// The same connection as plain "email".
			.filter((channel) => channel !== 'email:resend');
		const addresses = { values: [{ channel: 'telegram', address: '42' }] };
		const { outputs, error } = await send(
			{ channels, recipient: 'ada@example.com', options: { addresses } },
			{ credentials: all },
		);
		await Promise.all([telegram, discord, sendgrid, postmark, mailgun].map((fake) => fake.close()));
		expect(error).toBeUndefined();
		expect(outputs[0]![0]!.json.deliveries).toHaveLength(7);
		expect(telegram.messages).toEqual([{ chat: '42', text: 'Backup done' }]);
		expect(discord.messages).toMatchObject([{ content: 'Backup done' }]);
		expect([resend, sendgrid, postmark, mailgun].map(({ mails }) => mails.length)).toEqual([
			1, 1, 1, 1,
		]);
		expect(texts()).toEqual(['Backup done']);
	});

	it('mails through the first mail credential, and through the one that is named', async () => {
		const sendgrid = await startSendgrid();
		const both = {
			...credentials,
			surepingSendgridApi: {
				apiKey: sendgrid.apiKey,
				from: 'ops@example.com',
				baseUrl: sendgrid.url,
			},
		};
		const to = { recipient: 'ada@example.com' };
		await send({ ...to, channels: ['email'] }, { credentials: both });
		expect([resend.mails.length, sendgrid.mails.length]).toEqual([1, 0]);
		await send({ ...to, channels: ['email:sendgrid'] }, { credentials: both });
		expect([resend.mails.length, sendgrid.mails.length]).toEqual([1, 1]);
		resend.answer({ status: 401 });
		const { outputs } = await send(
			{ ...to, channels: ['email:resend'], fallbackChannels: ['email:sendgrid'] },
			{ credentials: both },
		);
		await sendgrid.close();
		expect(outputs[0]![0]!.json.status).toBe('delivered');
		expect([resend.mails.length, sendgrid.mails.length]).toEqual([1, 2]);
	});

	it('uses an address of its own for a channel that has one', async () => {
		credentials = {
			...credentials,
			surepingSlackApi: { sendWith: 'token', botToken: slack.botToken, baseUrl: slack.url },
		};
		const addresses = { values: [{ channel: 'slack', address: '#ops' }] };
		await send({
			channels: ['slack', 'email'],
			recipient: 'ada@example.com',
			options: { addresses },
		});
		expect(JSON.parse(slack.requests[0]!.body)).toMatchObject({ channel: '#ops' });
		expect(resend.mails[0]!.to).toEqual(['ada@example.com']);
	});
});

describe('an item that no channel takes', () => {
	const gone = { status: 404, body: 'no_service' } as const;

	it('ends the node with the last reason of every channel, after the other items went out', async () => {
		slack.answer(gone);
		const { error } = await send({}, { items: [{}, {}, {}] });
		expect(error?.message).toMatch(
			/^No channel took the notification\. slack: .*no_service.* \[Item \d\]$/,
		);
		expect(error?.description).toContain('removed or archived');
		expect(slack.requests).toHaveLength(3);
	});

	it('carries its error and its attempts when the node continues', async () => {
		slack.answer(gone);
		const { outputs, error } = await send({}, { settings: { onError: 'continueRegularOutput' } });
		expect(error).toBeUndefined();
		expect(outputs[0]![0]).toMatchObject({
			json: {
				error: expect.stringContaining('no_service'),
				details: { status: 'failed', deliveries: [{ attempts: [{}] }] },
			},
			pairedItem: { item: 0 },
		});
	});

	it('goes to the error output, and the others to the first', async () => {
		const parameters = { recipient: '={{ $json.to }}', channels: ['email'] };
		const { outputs } = await send(parameters, {
			items: [{ to: 'ada@example.com' }, { to: 'nobody' }],
			settings: { onError: 'continueErrorOutput' },
		});
		expect(outputs[0]!.map(({ json }) => json.status)).toEqual(['delivered']);
		expect(outputs[1]!.map(({ json }) => json)).toEqual([
			expect.objectContaining({
				to: 'nobody',
				error: expect.stringContaining('Recipient: must be an e-mail address'),
			}),
		]);
	});

	it('does not let an expression that throws take the other items with it', async () => {
		const { outputs } = await send(
			{ message: '={{ $json.a.b.c }}' },
			{ items: [{}, { a: { b: { c: 'fine' } } }], settings: { onError: 'continueRegularOutput' } },
		);
		expect(outputs[0]).toHaveLength(2);
		expect(texts()).toEqual(['fine']);
	});
});

describe('running the node again for the same items', () => {
	const twoItems = { items: [{ n: 1 }, { n: 2 }] };

	it('sends only what was not sent, with Retry on Fail', async () => {
		// The first try of the second item fails; the message differs on every try.
		slack.answer({ status: 200, body: 'ok' }, { status: 404, body: 'no_service' });
		const { outputs, error } = await send(
			{ message: '={{ $json.n }} {{ $now.toMillis() }} {{ Math.random() }}' },
			{ ...twoItems, settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 } },
		);
		expect(error).toBeUndefined();
		expect(outputs[0]!.map(({ json }) => json.status)).toEqual(['delivered', 'delivered']);
		expect(slack.requests).toHaveLength(3);
	});

	it('sends only what was not sent when a person retries the execution that failed', async () => {
		slack.answer({ status: 200, body: 'ok' }, { status: 404, body: 'no_service' });
		const failed = await send({}, { ...twoItems, executionId: 'execution-7' });
		expect(failed.error).toBeDefined();
		const retried = await send(
			// Corrected in the workflow since: what was sent stays sent.
			{ message: 'Backup done, corrected' },
			{ ...twoItems, executionId: 'execution-8', retryOf: failed },
		);
		expect(retried.outputs[0]!.map(({ json }) => json.status)).toEqual(['delivered', 'delivered']);
		expect(texts()).toEqual(['Backup done', 'Backup done', 'Backup done, corrected']);
	});

	it('keeps nothing in the execution once everything is sent', async () => {
		const { contextData } = await send({}, twoItems);
		expect(contextData).not.toContain('delivered');
	});

	it('sends again in another execution, and where executions are not saved', async () => {
		await send({}, { executionId: 'execution-8' });
		await send({}, { executionId: 'execution-9' });
		await send({});
		await send({});
		expect(slack.requests).toHaveLength(4);
	});

	it('sends equal items of one run each', async () => {
		// More than are sent at once, so that the last ones begin when the first are settled.
		await send({}, { items: Array(25).fill({}), executionId: 'execution-10' });
		expect(slack.requests).toHaveLength(25);
	});
});

describe('what cannot be sent', () => {
	it.each([
		[{ channels: ['sms'] }, 'Channels: sms cannot be reached directly'],
		[{ channels: ['telegram'] }, 'needs the credential "Sureping Telegram (Direct) API"'],
		[{ channels: '={{ [] }}' }, 'Channels: must name at least one channel'],
		[{ message: '={{ $json.missing ?? "" }}' }, 'Message: must not be empty'],
		[{ channels: ['email'] }, 'Recipient: email needs a recipient address'],
		[{ channels: ['slack'], fallbackChannels: ['slack'] }, 'Fallback Channels: slack'],
		[{ options: { retryDelays: 'soon' } }, 'Retry Delays: must be seconds'],
	])('%j is refused by the name of its parameter', async (parameters, message) => {
		const { error } = await send(parameters);
		expect(error?.message).toContain(message);
		expect(error?.description).toContain('Nothing was sent for this item');
		expect([...slack.requests, ...resend.requests]).toEqual([]);
	});

	it('names the credential that a channel needs', async () => {
		const { surepingSlackApi } = credentials;
		const { error } = await send(
			{ channels: ['email'], recipient: 'ada@example.com' },
			{ credentials: { surepingSlackApi: surepingSlackApi! } },
		);
		expect(error?.message).toContain(
			'email needs the credential "Sureping Resend (Direct) API" or "Sureping SendGrid (Direct) API"',
		);
	});

	it('lists every mistake of an item at once', async () => {
		const { error } = await send({ channels: ['email', 'telegram'] });
		expect(`${error?.message} ${error?.description}`).toContain('telegram');
		const mistakes = await send({ channels: ['email'], fallbackChannels: ['email'] });
		expect(mistakes.error?.message).toContain('Recipient: ');
		expect(mistakes.error?.description).toContain('Fallback Channels: email:');
	});

	it('shows no secret in an error', async () => {
		slack.answer({ status: 403, body: 'invalid_token' }, { status: 403, body: 'invalid_token' });
		resend.answer({ status: 403 });
		const { error } = await send({ fallbackChannels: ['email'], recipient: 'ada@example.com' });
		expect(error).toBeDefined();
		const shown = JSON.stringify([error?.message, error?.description, error]);
		expect(shown).not.toContain('webhook-path-secret');
		expect(shown).not.toContain(resend.apiKey);
	});
});
