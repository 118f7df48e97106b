import { CredentialTestContext, type PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialDataDecryptedObject, INodeCredentialTestResult } from 'n8n-workflow';
import { type FakeOnePing, startOnePing } from '../fakes/one-ping.ts';
import { type FakeResend, startResend } from '../fakes/resend.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { loadPackage, nodeType } from './n8n/package.ts';

let loader: PackageDirectoryLoader;
let slack: FakeSlack;
let resend: FakeResend;
let onePing: FakeOnePing;

beforeAll(async () => {
	[loader, slack, resend, onePing] = await Promise.all([
		loadPackage(),
		startSlack(),
		startResend(),
		startOnePing(),
	]);
});

afterAll(async () => {
	await Promise.all([slack.close(), resend.close(), onePing.close()]);
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

const ok = (message: string): unknown => ({
	status: 'OK',
	message: expect.stringContaining(message) as unknown,
});
const error = (message: string): unknown => ({
	status: 'Error',
	message: expect.stringContaining(message) as unknown,
});

describe('a Slack credential', () => {
	it('with a webhook URL is proven without posting anything', async () => {
		const before = slack.requests.length;
		expect(await test('surepingSlackApi', { secretWebhookUrl: slack.webhookUrl })).toEqual(
			ok('exists'),
		);
		const sent = slack.requests.slice(before);
		expect(sent).toHaveLength(1);
		expect(() => JSON.parse(sent[0]!.body) as unknown).toThrow();
	});

	it('with a webhook URL that Slack does not know is refused', async () => {
		const secretWebhookUrl = `${slack.url}/services/unknown`;
		expect(await test('surepingSlackApi', { secretWebhookUrl })).toEqual(error('no_service'));
	});

	it('is refused when something else than Slack answers', async () => {
		slack.answer({ status: 200, body: 'ok' });
		const result = await test('surepingSlackApi', { secretWebhookUrl: slack.webhookUrl });
		expect(result.status).toBe('Error');
	});

	it('with a token is proven by auth.test', async () => {
		const token = { sendWith: 'token', baseUrl: slack.url };
		const right = { ...token, botToken: slack.botToken };
		expect(await test('surepingSlackApi', right)).toEqual(ok('Connected to Fake as sureping'));
		const wrong = { ...token, botToken: 'xoxb-wrong' };
		expect(await test('surepingSlackApi', wrong)).toEqual(error('invalid_auth'));
	});

	it('with a token goes to the proxy that it names', async () => {
		const result = await test('surepingSlackApi', {
			sendWith: 'token',
			botToken: slack.botToken,
			baseUrl: `${slack.url}/`,
		});
		expect(result.status).toBe('OK');
	});

	it('says why there was no answer', async () => {
		const secretWebhookUrl = 'http://127.0.0.1:9/services/T1/B1/x';
		expect(await test('surepingSlackApi', { secretWebhookUrl })).toEqual(error('Slack: '));
		expect(await test('surepingSlackApi', { secretWebhookUrl: 'hooks' })).toEqual(
			error('Enter the whole URL'),
		);
	});
});

describe('a Resend credential', () => {
	const data = (apiKey: string): ICredentialDataDecryptedObject => ({
		apiKey,
		from: 'ops@example.com',
		baseUrl: resend.url,
	});

	it('is proven without mailing anything', async () => {
		expect(await test('surepingResendApi', data(resend.apiKey))).toEqual(ok('successful'));
		expect(resend.mails).toEqual([]);
	});

	it('with a key that may only send is proven too', async () => {
		expect(await test('surepingResendApi', data(resend.sendingOnlyKey))).toEqual(
			ok('may send and nothing else'),
		);
	});

	it('with another key is refused', async () => {
		expect(await test('surepingResendApi', data('re_wrong'))).toEqual(error('invalid_api_key'));
	});

	it('needs a sender', async () => {
		expect(await test('surepingResendApi', { ...data(resend.apiKey), from: '' })).toEqual(
			error('sender'),
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
