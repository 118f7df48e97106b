/** Good settings of a connection for each service, by channel and service key. */
export const CONNECTIONS: Readonly<Record<string, Record<string, unknown>>> = {
	'slack webhook_url': { webhook_url: 'https://hooks.slack.com/services/T/B/x' },
	'slack bot_token': { bot_token: 'xoxb-1' },
	'telegram bot_token': { bot_token: '1:a' },
	'discord webhook_url': { webhook_url: 'https://discord.com/api/webhooks/1/x' },
	'email smtp': { smtp: { host: 'mail.example.com' }, from: 'a@example.com' },
	'email resend': { resend: { api_key: 'k' }, from: 'a@example.com' },
	'email sendgrid': { sendgrid: { api_key: 'k' }, from: 'a@example.com' },
	'email postmark': { postmark: { server_token: 'k' }, from: 'a@example.com' },
	'email mailgun': { mailgun: { api_key: 'k', domain: 'example.com' }, from: 'a@example.com' },
	'sms twilio': {
		twilio: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 't' },
		from: '+15005550006',
	},
	'sms otpiq': { otpiq: { api_key: 'k', sender_id: 'Shop' } },
	'whatsapp twilio': {
		twilio: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 't' },
		from: '+15005550006',
	},
	'webhook url': { url: 'https://example.com/' },
	'console console': {},
};
