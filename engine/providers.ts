/** Systems whose webhooks are verified: the id on the wire, n8n's spelling of it, and the name that people know. */
export const PROVIDERS = {
	sureping: { parameter: 'sureping', title: 'Sureping Runner' },
	'one-ping': { parameter: 'onePing', title: 'One-Ping' },
	onepush: { parameter: 'onePush', title: 'OnePush' },
	notificationapi: { parameter: 'notificationApi', title: 'NotificationAPI' },
	pingram: { parameter: 'pingram', title: 'Pingram' },
	otpiq: { parameter: 'otpiq', title: 'OTPIQ' },
	'standard-webhooks': { parameter: 'standardWebhooks', title: 'Standard Webhooks' },
	svix: { parameter: 'svix', title: 'Svix' },
	resend: { parameter: 'resend', title: 'Resend' },
	twilio: { parameter: 'twilio', title: 'Twilio' },
	sendgrid: { parameter: 'sendgrid', title: 'SendGrid' },
	mailgun: { parameter: 'mailgun', title: 'Mailgun' },
	postmark: { parameter: 'postmark', title: 'Postmark' },
	ses: { parameter: 'ses', title: 'Amazon SES' },
	whatsapp: { parameter: 'whatsapp', title: 'WhatsApp (Meta)' },
	messagebird: { parameter: 'messagebird', title: 'MessageBird' },
	vonage: { parameter: 'vonage', title: 'Vonage' },
	telegram: { parameter: 'telegram', title: 'Telegram' },
	slack: { parameter: 'slack', title: 'Slack' },
	github: { parameter: 'github', title: 'GitHub' },
	stripe: { parameter: 'stripe', title: 'Stripe' },
	generic: { parameter: 'generic', title: 'Generic' },
} as const;

export type ProviderId = keyof typeof PROVIDERS;

export function isProviderId(text: string): text is ProviderId {
	return Object.hasOwn(PROVIDERS, text);
}

/** The provider behind a node parameter's value, such as `onePing`. */
export function providerOfParameter(parameter: string): ProviderId | undefined {
	return Object.keys(PROVIDERS)
		.filter(isProviderId)
		.find((id) => PROVIDERS[id].parameter === parameter);
}
