import { CredentialTestContext, type PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialDataDecryptedObject, INodeCredentialTestResult } from 'n8n-workflow';
import { type FakeOnePing, startOnePing } from '../fakes/one-ping.ts';
import { startDiscord } from '../fakes/discord.ts';
import { startNotificationApi } from '../fakes/notificationapi.ts';
import { startOtpiq } from '../fakes/otpiq.ts';
import { startPingram } from '../fakes/pingram-send.ts';
import { startMailgun } from '../fakes/mailgun.ts';
import { startPostmark } from '../fakes/postmark.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { startResend } from '../fakes/resend.ts';
import { startSendgrid } from '../fakes/sendgrid.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { startTelegram } from '../fakes/telegram.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { loadPackage, nodeType } from './n8n/package.ts';

const FROM = 'Ops <ops@example.com>';
/** The discard port, where nothing listens. */
const NOBODY = 'http://127.0.0.1:9';

let loader: PackageDirectoryLoader;
let slack: FakeSlack;
let onePing: FakeOnePing;

beforeAll(async () => {
	[loader, slack, onePing] = await Promise.all([loadPackage(), startSlack(), startOnePing()]);
});

afterAll(async () => {
	await Promise.all([slack.close(), onePing.close()]);
});

/** Runs the test that a node offers for a credential type, as n8n finds it. */
async function test(
	type: string,
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> {
	const [found] = ['sendNotification', 'webhookTrigger']
		.map((name) => nodeType(loader, name))
		.flatMap((node) =>
			(node.description.credentials ?? [])
				.filter(({ name, testedBy }) => name === type && typeof testedBy === 'string')
				.map(({ testedBy }) => node.methods?.credentialTest?.[String(testedBy)]),
		);
	if (!found) throw new Error(`No node tests ${type}`);
	return await found.call(new CredentialTestContext(), { id: '1', name: 'Mine', type, data });
}

/** A service's stand-in, a credential that works there, and what was posted or mailed. */
interface Started {
	readonly fake: RecordingServer;
	readonly right: ICredentialDataDecryptedObject;
	readonly sent?: readonly unknown[];
}

interface DirectCase {
	readonly type: string;
	start(): Promise<Started>;
	/** The test's result for the right credential. */
	readonly says: string;
	/** Changes that break the credential, each with the expected reason. */
	readonly wrong: ICredentialDataDecryptedObject;
	readonly refusal: string;
}

const ok = (message: string): unknown => ({
	status: 'OK',
	message: expect.stringContaining(message) as unknown,
});
const error = (message: string): unknown => ({
	status: 'Error',
	message: expect.stringContaining(message) as unknown,
});

const DIRECT: readonly DirectCase[] = [
	{
		type: 'surepingSlackApi',
		async start() {
			const fake = await startSlack();
			return {
				fake,
				right: { sendWith: 'token', botToken: fake.botToken, baseUrl: `${fake.url}/` },
			};
		},
		says: 'sureping in Fake',
		wrong: { botToken: 'xoxb-wrong' },
		refusal: 'invalid_auth',
	},
	{
		type: 'surepingTelegramApi',
		async start() {
			const fake = await startTelegram();
			return {
				fake,
				right: { botToken: fake.botToken, defaultChatId: '42', baseUrl: fake.url },
				sent: fake.messages,
			};
		},
		says: '@ops_test_bot',
		wrong: { botToken: '1:wrong' },
		refusal: 'Telegram answered 404',
	},
	{
		type: 'surepingDiscordApi',
		async start() {
			const fake = await startDiscord();
			return { fake, right: { secretWebhookUrl: fake.webhookUrl }, sent: fake.messages };
		},
		says: 'Ops alerts',
		wrong: { secretWebhookUrl: 'https://discord.com/' },
		refusal: 'Webhook URL: must end with /webhooks/ID/TOKEN',
	},
	{
		type: 'surepingResendApi',
		async start() {
			const fake = await startResend();
			return {
				fake,
				right: { apiKey: fake.sendingOnlyKey, from: FROM, baseUrl: fake.url },
				sent: fake.mails,
			};
		},
		says: 'the key may send and nothing else',
		wrong: { apiKey: 're_wrong' },
		refusal: 'invalid_api_key',
	},
	{
		type: 'surepingSendgridApi',
		async start() {
			const fake = await startSendgrid();
			return {
				fake,
				right: { apiKey: fake.apiKey, from: FROM, region: 'global', baseUrl: fake.url },
				sent: fake.mails,
			};
		},
		says: 'Connection successful!',
		wrong: { apiKey: 'SG.wrong' },
		refusal: 'SendGrid answered 401',
	},
	{
		type: 'surepingPostmarkApi',
		async start() {
			const fake = await startPostmark();
			return {
				fake,
				right: { serverToken: fake.serverToken, from: FROM, baseUrl: fake.url },
				sent: fake.mails,
			};
		},
		says: 'Staging Testing',
		wrong: { from: 'nobody' },
		refusal: 'From: must be an e-mail address',
	},
	{
		type: 'surepingMailgunApi',
		async start() {
			const fake = await startMailgun();
			return {
				fake,
				right: {
					apiKey: fake.sendingKey,
					domain: fake.domain,
					region: 'us',
					from: FROM,
					baseUrl: fake.url,
				},
				sent: fake.mails,
			};
		},
		says: 'the key may send and nothing else',
		wrong: { domain: 'unknown.example.com' },
		refusal: 'are domain and region right?',
	},
];

describe.each(DIRECT)('the credential $type', ({ type, start, says, wrong, refusal }) => {
	let started: Started;

	beforeAll(async () => {
		started = await start();
	});

	afterAll(async () => {
		await started.fake.close();
	});

	it('is proven without sending anything', async () => {
		expect(await test(type, started.right)).toEqual(ok(says));
		expect(started.sent ?? []).toEqual([]);
	});

	it('is refused when something in it is wrong', async () => {
		expect(await test(type, { ...started.right, ...wrong })).toEqual(error(refusal));
	});

	it('is not proven by what some other server answers', async () => {
		started.fake.answer({ status: 200, body: 'welcome' });
		expect((await test(type, started.right)).status).toBe('Error');
	});

	it('says so when nobody answers, and shows no secret', async () => {
		const { message, status } = await test(type, { ...started.right, baseUrl: NOBODY });
		expect([status, message]).toEqual(['Error', expect.stringContaining('refused')]);
		for (const field of ['apiKey', 'botToken', 'serverToken', 'secretWebhookUrl']) {
			expect(message).not.toContain(String(started.right[field] ?? '(no such field)'));
		}
	});
});

describe('a Slack credential with a webhook URL', () => {
	it('is proven by an empty message, which Slack refuses', async () => {
		const before = slack.requests.length;
		const result = await test('surepingSlackApi', { secretWebhookUrl: slack.webhookUrl });
		expect(result.status).toBe('OK');
		expect(slack.requests.slice(before).map(({ body }) => body)).toEqual(['{}']);
	});

	it('that Slack does not know is refused', async () => {
		const secretWebhookUrl = `${slack.url}/services/T0/B0/unknown`;
		slack.answer({ status: 404 });
		expect(await test('surepingSlackApi', { secretWebhookUrl })).toEqual(error('no_service'));
		expect(await test('surepingSlackApi', { secretWebhookUrl: 'hooks' })).toEqual(
			error('Webhook URL: '),
		);
	});
});

describe('a One-Ping credential', () => {
	const data = (apiKey: string): ICredentialDataDecryptedObject => ({
		apiKey,
		webhookSecret: 'whsec_op',
		baseUrl: onePing.url,
	});

	it('is proven by an empty request that is refused for being empty', async () => {
		const before = onePing.requests.length;
		expect(await test('onePingApi', data(onePing.apiKey))).toEqual(ok('refused an empty request'));
		expect(onePing.requests.slice(before).map(({ body }) => body)).toEqual(['{}']);
	});

	it('with another key is refused', async () => {
		expect(await test('onePingApi', data('op_wrong'))).toEqual(error('does not accept'));
	});

	it.each([200, 404, 500])('is not taken as proven by the answer %i', async (status) => {
		onePing.answer({ status });
		expect(await test('onePingApi', data(onePing.apiKey))).toEqual(error(`answered ${status}`));
	});

	it('without an API key is enough to receive, and without a secret too is nothing', async () => {
		expect(await test('onePingApi', data(''))).toEqual(ok('Ready to receive'));
		expect(await test('onePingApi', { ...data(''), webhookSecret: '' })).toEqual(error('Enter'));
	});
});

/** Credentials of hosted services: one half sends, the other receives, and each is enough alone. */
describe.each([
	{
		type: 'otpiqApi',
		async start() {
			const fake = await startOtpiq();
			return { fake, right: { apiKey: fake.apiKey, baseUrl: fake.url } };
		},
		says: 'My SMS Project, 15000 IQD left',
		asks: ['GET /info'],
		secret: 'apiKey',
		receiving: 'webhookSecret',
	},
	{
		type: 'pingramApi',
		async start() {
			const fake = await startPingram();
			return { fake, right: { apiKey: fake.apiKey, baseUrl: fake.url } };
		},
		says: 'Shop',
		asks: ['GET /account'],
		secret: 'apiKey',
		receiving: 'webhookSecret',
	},
	{
		type: 'notificationApiApi',
		async start() {
			const fake = await startNotificationApi();
			const { clientId, clientSecret, url: baseUrl } = fake;
			return { fake, right: { clientId, clientSecret, baseUrl } };
		},
		says: 'refused an empty request',
		asks: ['POST /client%2F1/sender {}'],
		secret: 'clientSecret',
		receiving: 'webhookToken',
	},
])('the credential $type', ({ type, start, says, asks, secret, receiving }) => {
	let fake: RecordingServer;
	let right: ICredentialDataDecryptedObject;

	beforeAll(async () => {
		({ fake, right } = await start());
	});

	afterAll(async () => {
		await fake.close();
	});

	it('is proven by a request that sends nothing to anybody', async () => {
		expect(await test(type, right)).toEqual(ok(says));
		expect(
			fake.requests.map(({ method, path, body }) => [method, path, body].join(' ').trim()),
		).toEqual(asks);
	});

	it('with another secret is refused, and does not show it', async () => {
		const result = await test(type, { ...right, [secret]: 'wrong_0123456789' });
		expect(result).toEqual(error('does not accept'));
		expect(result.message).not.toContain('wrong_0123456789');
	});

	it('is not proven by what some other server answers, or by none', async () => {
		fake.answer({ status: 200, body: 'welcome' });
		expect((await test(type, right)).status).toBe('Error');
		expect(await test(type, { ...right, baseUrl: NOBODY })).toEqual(error('refused'));
	});

	it('is enough to receive with its other half alone, and nothing without both', async () => {
		const empty = { ...right, [secret]: '' };
		expect(await test(type, { ...empty, [receiving]: 'chosen' })).toEqual(ok('Ready to receive'));
		expect(await test(type, empty)).toEqual(error('Enter the'));
	});
});

describe('a runner credential', () => {
	const type = 'surepingApi';
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	}, 30_000);
	afterAll(() => runner.dispose());

	it('is proven by the list of connections', async () => {
		const right = { baseUrl: `${runner.url}/`, apiKey: API_KEY };
		expect(await test(type, right)).toEqual(ok('Connection successful!'));
	});

	it.each([
		['with another key', { apiKey: 'sp_wrong' }, 'The runner does not know this API key. Set'],
		['without a key', { apiKey: ' ' }, 'API Key: enter one'],
		['while nobody answers', { baseUrl: NOBODY }, `at ${NOBODY} did not answer: the connection`],
		['without a scheme', { baseUrl: 'localhost:8477' }, 'must begin with http:// or https://'],
		['without a host', { baseUrl: 'http://a b' }, 'the URL is not valid'],
		['without an address', { baseUrl: '' }, 'must begin with http:// or https://'],
	])('%s says what an execution says, and what to do', async (_, changes, says) => {
		const result = await test(type, { baseUrl: runner.url, apiKey: API_KEY, ...changes });
		expect(result).toEqual(error(says));
		if (!('apiKey' in changes)) expect(result).toEqual(error('http://sureping:8477'));
	});

	it('is not proven by some other server', async () => {
		onePing.answer({ status: 200 });
		const result = await test(type, { baseUrl: onePing.url, apiKey: API_KEY });
		expect(result).toEqual(error('not as a Sureping runner does'));
	});
});

describe('a OnePush credential', () => {
	const right = {
		url: 'https://push.example.com/send',
		headerName: 'Authorization',
		secretHeaderValue: 'Bearer 1',
	};

	it.each([
		[{}, ok('the first send will')],
		[{ url: 'push.example.com' }, error('URL: ')],
		[{ url: 'ftp://push.example.com' }, error('URL: ')],
		[{ headerName: 'Api Key' }, error('Header Name: ')],
		[{ secretHeaderValue: 'a\nb: c' }, error('Header Value: ')],
		[{ url: '', webhookSecret: 'chosen' }, ok('Ready to receive')],
		[{ url: '' }, error('Enter the URL')],
	])('with %j is judged without asking anybody', async (changes, result) => {
		expect(await test('onePushApi', { ...right, ...changes })).toEqual(result);
	});
});

describe('a webhook signing credential', () => {
	it.each([
		['whsec_0123456789abcdef', ok('looks complete')],
		['', error('Enter the secret')],
		[' whsec_0123456789abcdef', error('white space')],
		['whsec_short', error('shorter than 16')],
	])('%j', async (secret, result) => {
		expect(await test('webhookSigningApi', { secret })).toEqual(result);
	});
});
