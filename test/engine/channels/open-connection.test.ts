import { CHANNELS, openConnection } from '@sureping/engine';
import { CONNECTIONS } from '../../support/connection-settings.ts';

/** The mistakes in the settings, as `path: message`. */
function mistakes(channel: string, settings: Record<string, unknown>): string[] {
	const opened = openConnection(channel, 'mine', settings);
	return opened.ok ? [] : opened.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const webhook_url = 'https://hooks.slack.com/services/T1/B1/secret';
const discord_url = 'https://discord.com/api/webhooks/1/secret';
const resend = { api_key: 're_1' };
const smtp = { host: 'mail.example.com' };
const from = 'ops@example.com';

describe('openConnection', () => {
	it.each<[string, Record<string, unknown>, string]>([
		['slack', { webhook_url }, 'http'],
		['slack', { bot_token: 'xoxb-1', default_channel: '#ops' }, 'http'],
		['telegram', { bot_token: '1:a', default_chat_id: '@ops_channel' }, 'http'],
		['discord', { webhook_url: discord_url, thread_id: '1' }, 'http'],
		['email', { resend, from }, 'http'],
		['email', { sendgrid: { api_key: 'SG.1', region: 'eu' }, from }, 'http'],
		['email', { postmark: { server_token: 'x', message_stream: 'alerts' }, from }, 'http'],
		['email', { mailgun: { api_key: 'k', domain: 'mg.example.com', region: 'eu' }, from }, 'http'],
		['email', { smtp: { ...smtp, port: 465, secure: true, user: 'u', pass: 'p' }, from }, 'smtp'],
		['webhook', { url: 'https://example.com', secret: 'whsec_1', headers: { a: 'b' } }, 'http'],
		['console', {}, 'console'],
	])('opens %s with %j, which needs %s', (channel, settings, needs) => {
		const opened = openConnection(channel, 'mine', settings);
		expect(opened).toMatchObject({ ok: true, connection: { needs } });
	});

	it.each<[string, string, Record<string, unknown>, RegExp]>([
		[
			'an unknown channel',
			'pigeon',
			{},
			/^channel: is not a channel; one of: slack, telegram, discord, email/,
		],
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
		[
			'a token with a path',
			'telegram',
			{ bot_token: '1:a/getMe' },
			/^bot_token: must be the token/,
		],
		[
			'a chat that is none',
			'telegram',
			{ bot_token: '1:a', default_chat_id: 'ops' },
			/^default_chat_id: must be a Tele/,
		],
		[
			'a Discord URL for Slack posts',
			'discord',
			{ webhook_url: `${discord_url}/slack` },
			/^webhook_url: must end with/,
		],
		[
			'a thread that is none',
			'discord',
			{ webhook_url: discord_url, thread_id: 'general' },
			/^thread_id: /,
		],
		['a sender that is none', 'email', { resend, from: 'Ops' }, /^from: must be an e-mail address/],
		['two senders', 'email', { resend, from: 'a@example.com, b@example.com' }, /^from: must be/],
		[
			'a region that is none',
			'email',
			{ mailgun: { api_key: 'k', domain: 'd.example', region: 'uk' }, from },
			/^mailgun\.region: /,
		],
		[
			'a domain with a path',
			'email',
			{ mailgun: { api_key: 'k', domain: 'd/../x' }, from },
			/^mailgun\.domain: must be a domain/,
		],
		[
			'a token with a line break',
			'email',
			{ postmark: { server_token: 'x\ny' }, from },
			/^postmark\.server_token: /,
		],
		[
			'a certificate that is none',
			'email',
			{ smtp: { ...smtp, tls: { ca: 'x' } }, from },
			/^smtp\.tls\.ca: /,
		],
		['no sender', 'email', { resend }, /^from: /],
		[
			'no Twilio credential',
			'sms',
			{ twilio: { account_sid: `AC${'0'.repeat(32)}` }, from: '+15005550006' },
			/^twilio: needs either auth_token/,
		],
		[
			'no Twilio sender',
			'sms',
			{ twilio: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 'k' } },
			/^from: is needed/,
		],
		[
			'a sender id that is too long',
			'sms',
			{ otpiq: { api_key: 'k', sender_id: 'TwelveLetter' } },
			/^otpiq\.sender_id: /,
		],
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

	it('lets every service of every channel do without a base_url', () => {
		const services = CHANNELS.flatMap(({ id, services }) =>
			services.map(({ key }) => `${id} ${key}`),
		);
		expect(services).toEqual(Object.keys(CONNECTIONS));
		for (const [service, settings] of Object.entries(CONNECTIONS)) {
			const [channel = ''] = service.split(' ');
			expect([service, mistakes(channel, settings)]).toEqual([service, []]);
		}
	});

	it('lets every service that is somewhere else take a base_url', () => {
		for (const [service, settings] of Object.entries(CONNECTIONS)) {
			const [channel = '', key] = service.split(' ');
			if (channel === 'console') continue;
			const base_url = key === 'smtp' ? 'smtp://127.0.0.1:2525' : 'http://127.0.0.1:9001';
			expect([service, mistakes(channel, { ...settings, base_url })]).toEqual([service, []]);
		}
	});
});
