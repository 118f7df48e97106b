import { CHANNELS, openConnection } from '@sureping/engine';

/** What is wrong with the settings, as `path: message`. */
function mistakes(channel: string, settings: Record<string, unknown>): string[] {
	const opened = openConnection(channel, 'mine', settings);
	return opened.ok ? [] : opened.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const webhook_url = 'https://hooks.slack.com/services/T1/B1/secret';
const resend = { api_key: 're_1' };
const smtp = { host: 'mail.example.com' };
const from = 'ops@example.com';

describe('openConnection', () => {
	it.each<[string, Record<string, unknown>, string]>([
		['slack', { webhook_url }, 'http'],
		['slack', { bot_token: 'xoxb-1', default_channel: '#ops' }, 'http'],
		['email', { resend, from }, 'http'],
		['email', { smtp: { ...smtp, port: 465, secure: true, user: 'u', pass: 'p' }, from }, 'smtp'],
		['webhook', { url: 'https://example.com', secret: 'whsec_1', headers: { a: 'b' } }, 'http'],
		['console', {}, 'console'],
	])('opens %s with %j, which needs %s', (channel, settings, needs) => {
		const opened = openConnection(channel, 'mine', settings);
		expect(opened).toMatchObject({ ok: true, connection: { needs } });
	});

	it.each<[string, string, Record<string, unknown>, RegExp]>([
		['an unknown channel', 'pigeon', {}, /^channel: is not a channel; one of: slack, email/],
		[
			'no way to reach it',
			'slack',
			{},
			/^: a slack connection needs exactly one of: webhook_url, bot_token$/,
		],
		[
			'two ways to reach it',
			'email',
			{ smtp, resend, from },
			/^: a email connection needs exactly one of/,
		],
		[
			'a webhook_url that is none',
			'slack',
			{ webhook_url: 'ops' },
			/^webhook_url: must be the URL that Slack/,
		],
		['an empty token', 'slack', { bot_token: '' }, /^bot_token: /],
		['an unknown setting', 'slack', { webhook_url, chanel: '#ops' }, /^: .*"chanel"/],
		['no sender', 'email', { resend }, /^from: /],
		['no key', 'email', { resend: {}, from }, /^resend\.api_key: /],
		['no mail server', 'email', { smtp: {}, from }, /^smtp\.host: /],
		['a port out of range', 'email', { smtp: { ...smtp, port: 70_000 }, from }, /^smtp\.port: /],
		['a webhook without a URL', 'webhook', {}, /^url: /],
		['a relative URL', 'webhook', { url: '/hook' }, /^url: must be an absolute URL$/],
		['a setting on the console', 'console', { color: true }, /^: .*"color"/],
	])('refuses %s', (_what, channel, settings, mistake) => {
		expect(mistakes(channel, settings)).toEqual([expect.stringMatching(mistake)]);
	});

	it('lists every mistake at once', () => {
		expect(mistakes('email', { smtp: { host: '', port: 0 } })).toHaveLength(3);
	});

	it('lets every service of every channel take a base_url or do without one', () => {
		expect(CHANNELS.flatMap(({ services }) => services.map(({ key }) => key))).toEqual([
			'webhook_url',
			'bot_token',
			'smtp',
			'resend',
			'url',
			'console',
		]);
		const base_url = 'http://127.0.0.1:9001';
		expect(mistakes('slack', { webhook_url, base_url })).toEqual([]);
		expect(mistakes('slack', { bot_token: 'x', base_url })).toEqual([]);
		expect(mistakes('email', { smtp, from, base_url: 'smtp://127.0.0.1:2525' })).toEqual([]);
		expect(mistakes('email', { resend, from, base_url })).toEqual([]);
		expect(mistakes('webhook', { url: 'https://example.com', base_url })).toEqual([]);
	});
});
