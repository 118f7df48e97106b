import { type FakeSlack, startSlack } from '../../fakes/slack.ts';
import {
	fetchClient,
	open,
	outcomeOf,
	outcomeOver,
	outgoing,
	requestOf,
	verdict,
} from '../../support/outgoing.ts';

const WEBHOOK_URL = 'https://hooks.slack.com/services/T1/B1/path-secret';
const webhook = open('slack', { webhook_url: WEBHOOK_URL });
const bot = open('slack', { bot_token: 'xoxb-token-secret' });

describe('the request to an incoming webhook', () => {
	it('posts the text as JSON to the webhook’s URL', () => {
		expect(requestOf(webhook)).toEqual({
			method: 'POST',
			url: WEBHOOK_URL,
			headers: { 'content-type': 'application/json; charset=utf-8' },
			body: '{"text":"The pump stopped"}',
			timeoutMs: 2_000,
		});
	});

	it('puts the subject in bold above the text', () => {
		const { body } = requestOf(webhook, outgoing({ subject: 'Pump 3' }));
		expect(JSON.parse(body ?? '')).toEqual({ text: '*Pump 3*\nThe pump stopped' });
	});

	it('goes to the same path on another server with base_url', () => {
		for (const base_url of ['http://127.0.0.1:9001', 'http://127.0.0.1:9001/']) {
			const moved = open('slack', { webhook_url: WEBHOOK_URL, base_url });
			expect(requestOf(moved).url).toBe('http://127.0.0.1:9001/services/T1/B1/path-secret');
		}
	});

	it('has the connection’s name as its recipient', () => {
		expect(webhook.defaultRecipient).toBe('my-connection');
	});
});

describe('the request to chat.postMessage', () => {
	it('posts channel and text as JSON with the token', () => {
		expect(requestOf(bot, outgoing({ recipient: '#ops' }))).toEqual({
			method: 'POST',
			url: 'https://slack.com/api/chat.postMessage',
			headers: {
				'content-type': 'application/json; charset=utf-8',
				authorization: 'Bearer xoxb-token-secret',
			},
			body: '{"channel":"#ops","text":"The pump stopped"}',
			timeoutMs: 2_000,
		});
	});

	it('goes to base_url instead', () => {
		const moved = open('slack', { bot_token: 'x', base_url: 'http://127.0.0.1:9001/' });
		expect(requestOf(moved).url).toBe('http://127.0.0.1:9001/api/chat.postMessage');
	});

	it('needs a recipient unless it has a default channel, and refuses one with spaces', () => {
		expect(bot.defaultRecipient).toBeUndefined();
		expect(open('slack', { bot_token: 'x', default_channel: '#ops' }).defaultRecipient).toBe(
			'#ops',
		);
		expect(bot.refuseRecipient('C0123456789')).toBeUndefined();
		expect(bot.refuseRecipient('the ops room')).toContain('#ops');
	});
});

it('refuses text that Slack would cut off', () => {
	for (const connection of [webhook, bot]) {
		expect(connection.refuseMessage('x'.repeat(40_000))).toBeUndefined();
		expect(connection.refuseMessage('x'.repeat(40_001))).toContain('40000');
	}
});

describe('what an incoming webhook’s answer means', () => {
	it.each([
		[200, 'ok', 'delivered'],
		[200, 'ok\n', 'delivered'],
		[200, '<html>Sign in</html>', 'delivered'],
		[202, '', 'delivered'],
		[200, '{"ok":false,"error":"no_text"}', 'MESSAGE_REJECTED permanent'],
		[200, 'no_service', 'TARGET_GONE permanent'],
		[302, '', 'UNEXPECTED_ANSWER for now'],
		[400, 'invalid_payload', 'MESSAGE_REJECTED permanent'],
		[400, 'no_text', 'MESSAGE_REJECTED permanent'],
		[400, 'too_many_attachments', 'MESSAGE_REJECTED permanent'],
		[400, 'user_not_found', 'RECIPIENT_REJECTED permanent'],
		[403, 'action_prohibited', 'AUTH_FAILED permanent'],
		[403, 'posting_to_general_channel_denied', 'AUTH_FAILED permanent'],
		[403, 'invalid_token', 'AUTH_FAILED permanent'],
		[403, '', 'AUTH_FAILED permanent'],
		[404, 'channel_not_found', 'TARGET_GONE permanent'],
		[404, 'no_service', 'TARGET_GONE permanent'],
		[404, 'no_active_hooks', 'TARGET_GONE permanent'],
		[404, 'no_team', 'TARGET_GONE permanent'],
		[410, 'channel_is_archived', 'TARGET_GONE permanent'],
		[418, 'teapot', 'MESSAGE_REJECTED permanent'],
		[408, '', 'SERVICE_UNAVAILABLE for now'],
		[429, '', 'RATE_LIMITED for now'],
		[500, 'rollup_error', 'SERVICE_UNAVAILABLE for now'],
		[503, '', 'SERVICE_UNAVAILABLE for now'],
	])('%d %j is %s', (status, body, expected) => {
		expect(verdict(outcomeOf(webhook, { status, body }))).toBe(expected);
	});

	it('takes Retry-After in seconds, as a date, and from a 503', () => {
		const wait = (status: number, value: string): string =>
			verdict(outcomeOf(webhook, { status, headers: { 'retry-after': value } }));
		expect(wait(429, '30')).toBe('RATE_LIMITED for now after 30000');
		expect(wait(429, 'Wed, 15 Jan 2025 10:31:00 GMT')).toBe('RATE_LIMITED for now after 60000');
		expect(wait(503, '2')).toBe('RATE_LIMITED for now after 2000');
	});
});

describe('what chat.postMessage’s answer means', () => {
	const refusal = (error: string, status = 200, headers = {}): string =>
		verdict(outcomeOf(bot, { status, headers, body: JSON.stringify({ ok: false, error }) }));

	it.each([
		['channel_not_found', 'RECIPIENT_REJECTED permanent'],
		['not_in_channel', 'RECIPIENT_REJECTED permanent'],
		['is_archived', 'TARGET_GONE permanent'],
		['msg_too_long', 'MESSAGE_REJECTED permanent'],
		['no_text', 'MESSAGE_REJECTED permanent'],
		['restricted_action', 'AUTH_FAILED permanent'],
		['restricted_action_read_only_channel', 'AUTH_FAILED permanent'],
		['not_authed', 'AUTH_FAILED permanent'],
		['invalid_auth', 'AUTH_FAILED permanent'],
		['account_inactive', 'AUTH_FAILED permanent'],
		['token_revoked', 'AUTH_FAILED permanent'],
		['token_expired', 'AUTH_FAILED permanent'],
		['missing_scope', 'AUTH_FAILED permanent'],
		['no_permission', 'AUTH_FAILED permanent'],
		['rate_limited', 'RATE_LIMITED for now'],
		['message_limit_exceeded', 'RATE_LIMITED for now'],
		['fatal_error', 'SERVICE_UNAVAILABLE for now'],
		['internal_error', 'SERVICE_UNAVAILABLE for now'],
		['service_unavailable', 'SERVICE_UNAVAILABLE for now'],
		['team_added_to_org', 'SERVICE_UNAVAILABLE for now'],
		['request_timeout', 'TIMEOUT for now'],
		['messages_tab_disabled', 'RECIPIENT_REJECTED permanent'],
		['is_inactive', 'RECIPIENT_REJECTED permanent'],
		['enterprise_is_restricted', 'AUTH_FAILED permanent'],
		['team_access_not_granted', 'AUTH_FAILED permanent'],
		['two_factor_setup_required', 'AUTH_FAILED permanent'],
		['restricted_action_thread_locked', 'AUTH_FAILED permanent'],
		['restricted_action_non_threadable_channel', 'AUTH_FAILED permanent'],
		['msg_blocks_too_long', 'MESSAGE_REJECTED permanent'],
		['an_error_of_tomorrow', 'UNEXPECTED_ANSWER permanent'],
		['toString', 'UNEXPECTED_ANSWER permanent'],
	])('ok:false with %s is %s', (error, expected) => {
		expect(refusal(error)).toBe(expected);
	});

	it('is delivered by every 200 that does not say no', () => {
		for (const body of ['{"ok":true}', '{"ok":"true"}', '[]', '<html>']) {
			expect(verdict(outcomeOf(bot, { body }))).toBe('delivered');
		}
		expect(verdict(outcomeOf(bot, { status: 500, body: '{"ok":true}' }))).toBe(
			'SERVICE_UNAVAILABLE for now',
		);
	});

	it('takes Retry-After from a 429 and from a 200', () => {
		const headers = { 'retry-after': '30' };
		expect(refusal('ratelimited', 429, headers)).toBe('RATE_LIMITED for now after 30000');
		expect(refusal('ratelimited', 200, headers)).toBe('RATE_LIMITED for now after 30000');
	});
});

describe('over HTTP', () => {
	let slack: FakeSlack;
	beforeEach(async () => {
		slack = await startSlack();
	});
	afterEach(() => slack.close());

	it('an incoming webhook takes the message', async () => {
		const connection = open('slack', { webhook_url: slack.webhookUrl });
		expect(verdict(await outcomeOver({ http: fetchClient }, connection))).toBe('delivered');
		expect(slack.requests.map(({ method, body }) => [method, body])).toEqual([
			['POST', '{"text":"The pump stopped"}'],
		]);
	});

	it('500, then 429 with Retry-After, then 410 read as Slack means them', async () => {
		slack.answer({ status: 500 }, { status: 429, retryAfter: 1 }, { status: 410 });
		const connection = open('slack', { webhook_url: slack.webhookUrl });
		const seen: string[] = [];
		for (let i = 0; i < 3; i++)
			seen.push(verdict(await outcomeOver({ http: fetchClient }, connection)));
		expect(seen).toEqual([
			'SERVICE_UNAVAILABLE for now',
			'RATE_LIMITED for now after 1000',
			'TARGET_GONE permanent',
		]);
	});

	it('no answer in time and a dropped connection may both be tried again', async () => {
		slack.answer({ hang: true }, { reset: true });
		const connection = open('slack', { webhook_url: slack.webhookUrl });
		const send = (): ReturnType<typeof outcomeOver> =>
			outcomeOver({ http: fetchClient }, connection, outgoing({ timeoutMs: 50 }));
		expect(await send()).toMatchObject({
			permanent: false,
			error: { code: 'TIMEOUT', message: 'Slack did not respond within 0.05 seconds' },
		});
		expect(verdict(await send())).toBe('CONNECTION_FAILED for now');
	});

	it.each([
		['#ops', undefined, 'delivered'],
		['#nowhere', undefined, 'RECIPIENT_REJECTED permanent'],
		['#ops', 'xoxb-wrong', 'AUTH_FAILED permanent'],
	])('chat.postMessage to %s with token %s: %s', async (recipient, token, expected) => {
		const connection = open('slack', { bot_token: token ?? slack.botToken, base_url: slack.url });
		const outcome = await outcomeOver({ http: fetchClient }, connection, outgoing({ recipient }));
		expect(verdict(outcome)).toBe(expected);
	});

	it('a wrong webhook path is gone for good', async () => {
		const connection = open('slack', { webhook_url: `${slack.url}/services/nothing` });
		expect(verdict(await outcomeOver({ http: fetchClient }, connection))).toBe(
			'TARGET_GONE permanent',
		);
	});
});
