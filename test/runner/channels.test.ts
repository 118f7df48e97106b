import type { RecordingServer } from '../fakes/recording-server.ts';
import { type FakeDiscord, startDiscord } from '../fakes/discord.ts';
import { type FakeMailgun, startMailgun } from '../fakes/mailgun.ts';
import { type FakePostmark, startPostmark } from '../fakes/postmark.ts';
import { type FakeResend, startResend } from '../fakes/resend.ts';
import { type FakeSendgrid, startSendgrid } from '../fakes/sendgrid.ts';
import { startSink } from '../fakes/sink.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { type FakeSmtp, startSmtp } from '../fakes/smtp.ts';
import { type FakeTelegram, startTelegram } from '../fakes/telegram.ts';
import { type Answer, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const MESSAGE = 'Pump 3 stopped';
const ADDRESS = 'ada@example.com';
const FINAL: ReadonlySet<string> = new Set(['delivered', 'failed']);
const from = 'Ops <ops@example.com>';

let runner: RunnerProcess;
let slack: FakeSlack;
let slackBot: FakeSlack;
let telegram: FakeTelegram;
let discord: FakeDiscord;
let resend: FakeResend;
let sendgrid: FakeSendgrid;
let postmark: FakePostmark;
let mailgun: FakeMailgun;
let hook: RecordingServer;
let smtp: FakeSmtp;
/** `GET /notifications/{id}` of one send to every connection, after each was told to slow down once. */
let found: Answer['body'];

beforeAll(async () => {
	[slack, slackBot, telegram, discord] = await Promise.all([
		startSlack(),
		startSlack(),
		startTelegram(),
		startDiscord(),
	]);
	[resend, sendgrid, postmark, mailgun] = await Promise.all([
		startResend(),
		startSendgrid(),
		startPostmark(),
		startMailgun(),
	]);
	[hook, smtp] = await Promise.all([startSink(), startSmtp()]);
	const mailgunSettings = { api_key: mailgun.apiKey, domain: mailgun.domain };
	const connections: Record<string, unknown>[] = [
		{ name: 'hook', channel: 'slack', webhook_url: slack.webhookUrl },
		{ name: 'bot', channel: 'slack', bot_token: slackBot.botToken, base_url: slackBot.url },
		{ name: 'bot', channel: 'telegram', bot_token: telegram.botToken, base_url: telegram.url },
		{ name: 'hook', channel: 'discord', webhook_url: discord.webhookUrl },
		{ name: 'resend', resend: { api_key: resend.apiKey }, base_url: resend.url },
		{ name: 'sendgrid', sendgrid: { api_key: sendgrid.apiKey }, base_url: sendgrid.url },
		{ name: 'postmark', postmark: { server_token: postmark.serverToken }, base_url: postmark.url },
		{ name: 'mailgun', mailgun: mailgunSettings, base_url: mailgun.url },
		{ name: 'smtp', smtp: { host: smtp.host, port: smtp.port } },
		{ name: 'hook', channel: 'webhook', url: `${hook.url}/hook` },
		{ name: 'terminal', channel: 'console' },
	].map((connection) => ({
		channel: 'email',
		...connection,
		...('channel' in connection ? {} : { from }),
	}));
	runner = await startRunner({
		connections,
		retry: { delays_s: [0.05, 0.05], jitter: 0, timeout_s: 5 },
	});

	const limited: RecordingServer[] = [slack, slackBot, telegram, discord, resend, hook];
	for (const fake of [...limited, sendgrid, postmark, mailgun]) {
		fake.answer({ status: 429, retryAfter: 1 });
	}
	smtp.answer({ code: 450, text: '4.7.1 Too many mails' });

	const { status, body } = await runner.post('/send', {
		message: MESSAGE,
		subject: 'Pumps',
		channels: connections.map(({ channel, name }) => `${String(channel)}:${String(name)}`),
		recipient: { 'slack:bot': '#ops', telegram: '42', email: ADDRESS },
	});
	expect([status, body]).toEqual([202, expect.anything()]);
	// The notification itself is delivered as soon as the first of them is.
	await waitUntil('every delivery ended', async () => {
		found = (await runner.get(`/notifications/${body.notification_id}`)).body;
		return found.deliveries.every(({ status }: { status: string }) => FINAL.has(status));
	});
}, 30_000);

afterAll(async () => {
	await runner?.dispose();
	const fakes = [
		slack,
		slackBot,
		telegram,
		discord,
		resend,
		sendgrid,
		postmark,
		mailgun,
		hook,
		smtp,
	];
	await Promise.all(fakes.map((fake) => fake?.close()));
});

const deliveryOf = (channel: string, connection: string): Answer['body'] =>
	found.deliveries.find(
		(one: { channel: string; connection: string }) =>
			one.channel === channel && one.connection === connection,
	);

it.each<[channel: string, connection: string, fake: () => RecordingServer]>([
	['slack', 'hook', () => slack],
	['slack', 'bot', () => slackBot],
	['telegram', 'bot', () => telegram],
	['discord', 'hook', () => discord],
	['email', 'resend', () => resend],
	['email', 'sendgrid', () => sendgrid],
	['email', 'postmark', () => postmark],
	['email', 'mailgun', () => mailgun],
	['webhook', 'hook', () => hook],
])('%s:%s waits as long as it is asked to, and then delivers', (channel, connection, fake) => {
	const delivery = deliveryOf(channel, connection);
	expect(delivery).toMatchObject({
		status: 'delivered',
		attempts: [{ error: { code: 'RATE_LIMITED' } }, {}],
	});
	const [first, second, ...more] = fake().requests;
	expect(more).toEqual([]);
	// The fakes' wait is a second; a reset in unix seconds is up to one more.
	expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
	expect(second!.at - first!.at).toBeLessThan(20_000);
	expect(second!.body).toContain(
		channel === 'email' && connection === 'mailgun' ? 'Pump+3' : MESSAGE,
	);
});

it('email:smtp is tried again after a 450 that says that it was too much', () => {
	expect(deliveryOf('email', 'smtp')).toMatchObject({
		status: 'delivered',
		attempts: [{ error: { code: 'RATE_LIMITED' } }, {}],
	});
	expect(smtp.mails).toMatchObject([{ to: [ADDRESS] }]);
	expect(smtp.mails[0]?.raw).toContain(MESSAGE);
});

it('console:terminal prints', () => {
	expect(deliveryOf('console', 'terminal')).toMatchObject({ status: 'delivered' });
	expect(runner.output()).toContain(`Pumps: ${MESSAGE}`);
});

it('each message arrives once, as its service shows it', () => {
	expect(telegram.messages).toEqual([{ chat: '42', text: `Pumps\n${MESSAGE}` }]);
	expect(discord.messages).toEqual([{ content: `**Pumps**\n${MESSAGE}`, pings: false }]);
	const mails = [...resend.mails, ...sendgrid.mails, ...postmark.mails, ...mailgun.mails];
	expect(mails).toHaveLength(4);
	expect(JSON.stringify(mails).split(ADDRESS)).toHaveLength(5);
});

it('a message that a channel cannot carry is refused before it is accepted', async () => {
	const { status, body } = await runner.post('/send', {
		message: 'x'.repeat(4097),
		channels: ['slack:hook', 'telegram', 'discord'],
		recipient: { telegram: '42' },
	});
	expect(status).toBe(422);
	expect(body.errors.map(({ message }: { message: string }) => message)).toEqual([
		expect.stringContaining('Telegram takes at most 4096'),
		expect.stringContaining('Discord takes at most 2000'),
	]);
});
