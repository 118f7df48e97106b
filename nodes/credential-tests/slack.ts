import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { jsonObject } from '../../engine/channels/http-outcome.ts';
import { baseUrlOr, fails, probe, works } from './probe.ts';

/**
 * A token proves itself by `auth.test`. A webhook URL has no such call, so it gets a payload that Slack refuses with
 * the documented word `invalid_payload` once it has found the webhook: nothing is posted, and every other answer
 * means that the URL does not work (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
 */
export async function testSlack(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	return data.sendWith === 'token'
		? await testToken(this, data.botToken, data.baseUrl)
		: await testWebhook(this, data.secretWebhookUrl, data.baseUrl);
}

async function testToken(
	context: ICredentialTestFunctions,
	token: unknown,
	baseUrl: unknown,
): Promise<INodeCredentialTestResult> {
	if (typeof token !== 'string' || token === '') return fails('Enter the bot token');
	const reply = await probe(context, 'Slack', {
		method: 'POST',
		url: `${baseUrlOr(baseUrl, 'https://slack.com')}/api/auth.test`,
		headers: { authorization: `Bearer ${token}` },
	});
	if (typeof reply.status === 'string') return reply;
	const answer = jsonObject(reply.body);
	if (reply.status === 200 && answer?.ok === true) {
		return works(`Connected to ${String(answer.team)} as ${String(answer.user)}`);
	}
	const word = typeof answer?.error === 'string' ? answer.error : `status ${reply.status}`;
	return fails(`Slack does not accept this token (${word})`);
}

async function testWebhook(
	context: ICredentialTestFunctions,
	webhookUrl: unknown,
	baseUrl: unknown,
): Promise<INodeCredentialTestResult> {
	if (typeof webhookUrl !== 'string' || !URL.canParse(webhookUrl)) {
		return fails('Enter the whole URL that Slack shows for the incoming webhook');
	}
	const { origin, pathname } = new URL(webhookUrl);
	const reply = await probe(context, 'Slack', {
		method: 'POST',
		url: baseUrlOr(baseUrl, origin) + pathname,
		headers: { 'content-type': 'application/json' },
		body: 'a credential test, not a message',
	});
	if (typeof reply.status === 'string') return reply;
	const word = reply.body.trim().slice(0, 60);
	if (reply.status === 400 && word === 'invalid_payload') return works('The webhook exists');
	return fails(`Slack does not know this webhook: it answered ${reply.status} (${word})`);
}
