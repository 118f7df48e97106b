import { checkConnection, type CheckResult } from '@sureping/engine';
import type { RecordingServer } from '../../fakes/recording-server.ts';
import { startDiscord } from '../../fakes/discord.ts';
import { startMailgun } from '../../fakes/mailgun.ts';
import { startPostmark } from '../../fakes/postmark.ts';
import { startResend } from '../../fakes/resend.ts';
import { startSendgrid } from '../../fakes/sendgrid.ts';
import { startSlack } from '../../fakes/slack.ts';
import { startTelegram } from '../../fakes/telegram.ts';
import { fetchClient, open } from '../../support/outgoing.ts';

const from = 'ops@example.com';

const check = (
	channel: string,
	settings: Record<string, unknown>,
	timeoutMs = 2_000,
): Promise<CheckResult> =>
	checkConnection(open(channel, settings), { http: fetchClient }, Date, timeoutMs);

/** `ok`, with what it tells, or the error's code. */
function found(result: CheckResult): string {
	if (result.result === 'failed') return result.error.code;
	return result.result === 'ok' && result.detail ? `ok: ${result.detail}` : result.result;
}

let server: RecordingServer | undefined;
afterEach(async () => {
	await server?.close();
	server = undefined;
});

async function start<Fake extends RecordingServer>(starting: Promise<Fake>): Promise<Fake> {
	const fake = await starting;
	server = fake;
	return fake;
}

it('a Slack webhook is asked by a message that Slack refuses', async () => {
	const slack = await start(startSlack());
	expect(found(await check('slack', { webhook_url: slack.webhookUrl }))).toBe('ok');
	const gone = { webhook_url: `${slack.url}/services/nothing` };
	expect(found(await check('slack', gone))).toBe('TARGET_GONE');
	slack.answer({ status: 200, body: 'ok' }, { status: 400, body: 'something_else' });
	expect(found(await check('slack', { webhook_url: slack.webhookUrl }))).toBe('UNEXPECTED_ANSWER');
	expect(found(await check('slack', { webhook_url: slack.webhookUrl }))).toBe('MESSAGE_REJECTED');
	expect(slack.requests.every(({ body }) => body === '{}')).toBe(true);
});

it('a Slack token tells whose it is', async () => {
	const slack = await start(startSlack());
	const settings = { bot_token: slack.botToken, base_url: slack.url };
	expect(found(await check('slack', settings))).toBe('ok: sureping in Fake');
	expect(found(await check('slack', { ...settings, bot_token: 'xoxb-no' }))).toBe('AUTH_FAILED');
	expect(slack.requests.map(({ path }) => path)).toEqual(['/api/auth.test', '/api/auth.test']);
});

it('a Telegram token tells whose it is, and its default chat is looked for', async () => {
	const telegram = await start(startTelegram());
	const settings = { bot_token: telegram.botToken, base_url: telegram.url };
	const inChat = (default_chat_id: string): Record<string, unknown> => ({
		...settings,
		default_chat_id,
	});
	expect(found(await check('telegram', settings))).toBe('ok: @ops_test_bot');
	expect(found(await check('telegram', inChat('@ops_channel')))).toBe('ok: @ops_test_bot');
	expect(found(await check('telegram', inChat('41')))).toBe('RECIPIENT_REJECTED');
	expect(found(await check('telegram', { ...settings, bot_token: '1:no' }))).toBe('AUTH_FAILED');
	expect(telegram.messages).toEqual([]);
});

it('a Discord webhook is got by its token', async () => {
	const discord = await start(startDiscord());
	const webhook_url = discord.webhookUrl;
	expect(found(await check('discord', { webhook_url }))).toBe('ok: Ops alerts');
	expect(found(await check('discord', { webhook_url: `${webhook_url}x` }))).toBe('AUTH_FAILED');
	const gone = webhook_url.replace(/webhooks\/\d+/, 'webhooks/1');
	expect(found(await check('discord', { webhook_url: gone }))).toBe('TARGET_GONE');
	expect(discord.messages).toEqual([]);
});

it('a Resend key works when it may list domains, and when it may only send', async () => {
	const resend = await start(startResend());
	const key = (api_key: string): Promise<CheckResult> =>
		check('email', { resend: { api_key }, from, base_url: resend.url });
	expect(found(await key(resend.apiKey))).toBe('ok');
	expect(found(await key(resend.sendingOnlyKey))).toBe('ok: the key may send and nothing else');
	expect(found(await key('re_wrong'))).toBe('AUTH_FAILED');
	expect(resend.mails).toEqual([]);
});

it('a SendGrid key needs the scope to send', async () => {
	const sendgrid = await start(startSendgrid());
	const key = (api_key: string): Promise<CheckResult> =>
		check('email', { sendgrid: { api_key }, from, base_url: sendgrid.url });
	expect(found(await key(sendgrid.apiKey))).toBe('ok');
	expect(await key(sendgrid.readingKey)).toMatchObject({
		error: { code: 'AUTH_FAILED', message: expect.stringContaining('mail.send') },
	});
	expect(found(await key('SG.wrong'))).toBe('AUTH_FAILED');
	expect(sendgrid.mails).toEqual([]);
});

it('a Postmark token tells its server', async () => {
	const postmark = await start(startPostmark());
	const token = (server_token: string): Promise<CheckResult> =>
		check('email', { postmark: { server_token }, from, base_url: postmark.url });
	expect(found(await token(postmark.serverToken))).toBe('ok: Staging Testing');
	expect(found(await token('wrong'))).toBe('AUTH_FAILED');
	expect(postmark.mails).toEqual([]);
});

it('a Mailgun key of the account may look at the domain, one of the domain may only send', async () => {
	const mailgun = await start(startMailgun());
	const key = (api_key: string, domain = mailgun.domain): Promise<CheckResult> =>
		check('email', { mailgun: { api_key, domain }, from, base_url: mailgun.url });
	expect(found(await key(mailgun.apiKey))).toBe('ok');
	expect(found(await key(mailgun.sendingKey))).toBe('ok: the key may send and nothing else');
	expect(found(await key('key-wrong'))).toBe('AUTH_FAILED');
	expect(found(await key(mailgun.apiKey, 'other.example.com'))).toBe('TARGET_GONE');
	expect(found(await key(mailgun.sendingKey, 'other.example.com'))).toBe('TARGET_GONE');
	expect(mailgun.mails).toEqual([]);
});

it('a service that does not answer, or answers something else, is told as that', async () => {
	const telegram = await start(startTelegram());
	const settings = { bot_token: telegram.botToken, base_url: telegram.url };
	telegram.answer({ hang: true }, { reset: true }, { status: 200, body: 'Welcome' });
	expect(found(await check('telegram', settings, 50))).toBe('TIMEOUT');
	expect(found(await check('telegram', settings))).toBe('CONNECTION_FAILED');
	expect(found(await check('telegram', settings))).toBe('UNEXPECTED_ANSWER');
});

it('what cannot be asked is neither good nor bad', async () => {
	expect(await check('webhook', { url: 'https://example.com' })).toMatchObject({
		result: 'unknown',
		reason: expect.stringMatching(/./),
	});
	const overSmtp = await check('email', { smtp: { host: 'mail.example.com' }, from });
	expect(overSmtp).toEqual({
		result: 'unknown',
		reason: 'this host cannot reach it over smtp',
	});
	expect(await check('console', {})).toEqual({ result: 'ok' });
});
