import { isProviderId, type ProviderId, PROVIDERS } from '../../engine/receive/providers/index.ts';

/** How a user connects a provider to the trigger. */
interface Setup {
	/** The credential with the secret that verifies its webhooks. */
	readonly credential: SigningCredential;
	/** Where the URL goes, and where the secret comes from. n8n removes every tag but links from a notice. */
	readonly steps: string;
}

/** Credentials with such a secret, and their fields for the current and the previous one. */
export const SECRET_FIELDS = {
	onePingApi: ['webhookSecret', 'previousWebhookSecret'],
	onePushApi: ['webhookSecret', 'previousWebhookSecret'],
	notificationApiApi: ['webhookToken', 'previousWebhookToken'],
	pingramApi: ['webhookSecret', 'previousWebhookSecret'],
	otpiqApi: ['webhookSecret', 'previousWebhookSecret'],
	webhookSigningApi: ['secret', 'previousSecret'],
} as const satisfies Record<string, readonly [string, string]>;
export type SigningCredential = keyof typeof SECRET_FIELDS;

const URL_ABOVE = 'the production webhook URL above';
/** From then on the production URL answers. n8n 1 and n8n 2 have different words for it. */
const PUBLISH = 'Publish this workflow (in n8n 1, activate it)';

/** Providers that need more than the default set-up. */
const SETUPS: Readonly<Partial<Record<ProviderId, Partial<Setup>>>> = {
	sureping: {
		steps: `Add ${URL_ABOVE} to "endpoints" in the runner configuration, with a "secret".`,
	},
	'one-ping': {
		credential: 'onePingApi',
		steps: `In the One-Ping dashboard, open the webhook settings and paste ${URL_ABOVE}. ${PUBLISH} before you send.`,
	},
	// https://onepush.app/blog: an endpoint per type of event, set in the dashboard.
	onepush: {
		credential: 'onePushApi',
		steps: `In the OnePush dashboard, open the webhook settings and paste ${URL_ABOVE} for each type of event that you want.`,
	},
	// https://github.com/notificationapi-com/docs/blob/main/docs/features/events-webhook.md
	notificationapi: {
		credential: 'notificationApiApi',
		steps: `NotificationAPI does not sign its webhooks, so anyone who knows the URL could forge one. A secret token in the URL replaces the signature. In the NotificationAPI dashboard, open Settings, then Events Webhook, and paste ${URL_ABOVE} with "?token=YOUR_TOKEN" at the end. Choose a long random token.`,
	},
	// https://www.pingram.io/docs/quick-start/set-up-webhooks
	pingram: {
		credential: 'pingramApi',
		steps: `In the Pingram dashboard, open the webhook settings, paste ${URL_ABOVE} and choose the events.`,
	},
	// https://docs.otpiq.com/essentials/how-webhook-works
	otpiq: {
		credential: 'otpiqApi',
		steps: `Send with "deliveryReport.webhookUrl" set to ${URL_ABOVE}, and "deliveryReport.webhookSecret" to the secret. OTPIQ does not sign delivery reports; it returns that secret with them. For a send without a secret, add "?token=YOUR_SECRET" to the URL instead.`,
	},
	'standard-webhooks': {
		steps: `Give ${URL_ABOVE} to a sender that follows the Standard Webhooks specification.`,
	},
	// https://docs.svix.com/receiving/introduction
	svix: {
		steps: `In the webhook portal of the sender, add an endpoint with ${URL_ABOVE}, then open the endpoint and reveal its signing secret.`,
	},
	// https://resend.com/docs/dashboard/webhooks/introduction
	resend: {
		steps: `In the Resend dashboard, open Webhooks, choose Add Webhook, paste ${URL_ABOVE} and choose the events. The page of the webhook shows its signing secret.`,
	},
	// https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
	twilio: {
		steps: `Set ${URL_ABOVE} as "StatusCallback" of your messages and calls, or as the Delivery Status Callback of a Messaging Service. The auth token is under Account Info on the first page of the Twilio Console. If Twilio calls n8n at another URL, enter that URL as Public URL in the options, because Twilio signs the URL.`,
	},
	// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
	sendgrid: {
		steps: `In SendGrid, open Settings, Mail Settings, Event Webhooks, create a webhook with ${URL_ABOVE}, and enable Signed Event Webhook under its security features. The key is shown there.`,
	},
	// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
	mailgun: {
		steps: `In Mailgun, open Send, Sending, Webhooks, choose the domain and add ${URL_ABOVE} for each type of event. The page also shows the HTTP webhook signing key.`,
	},
	// https://postmarkapp.com/developer/webhooks/webhooks-overview
	postmark: {
		steps: `Postmark does not sign its webhooks; a user and password of your choice replace the signature. In Postmark, open the message stream, then Webhooks, add one with ${URL_ABOVE}, and set basic auth credentials or a custom header.`,
	},
	// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-add-event-destination-sns.html
	ses: {
		steps: `In Amazon SES, add an Amazon SNS topic as event destination to your configuration set. ${PUBLISH}, then in Amazon SNS create a subscription of that topic with the protocol HTTPS and ${URL_ABOVE}. The node confirms the subscription itself.`,
	},
	// https://developers.facebook.com/docs/graph-api/webhooks/getting-started
	whatsapp: {
		steps: `Put the app secret (App Settings, Basic) and a verify token of your choice into the credential. ${PUBLISH}, then in the Meta app, open WhatsApp, Configuration, paste ${URL_ABOVE} as callback URL with the same verify token, and subscribe to "messages".`,
	},
	// https://developers.messagebird.com/api/sms-messaging
	messagebird: {
		steps: `Set ${URL_ABOVE} as "reportUrl" of your messages, or as the status report URL in the developer settings of the MessageBird dashboard. The signing key is in the same settings. If MessageBird calls n8n at another URL, enter that URL as Public URL in the options, because MessageBird signs the URL.`,
	},
	// https://developer.vonage.com/en/dashboard/control/api-settings
	vonage: {
		steps: `In the Vonage dashboard, set ${URL_ABOVE} as status URL of the application (Messages API), or as delivery receipts URL under API Settings (SMS API). The signature secret is under API Settings.`,
	},
	// https://core.telegram.org/bots/api#setwebhook
	telegram: {
		steps: `Call "https://api.telegram.org/botTOKEN/setWebhook" with "url" set to ${URL_ABOVE} and a "secret_token" of 1 to 256 letters, digits, "_" and "-" of your choice. A bot has one webhook.`,
	},
	// https://docs.slack.dev/authentication/verifying-requests-from-slack
	slack: {
		steps: `Put the signing secret (Basic Information, App Credentials) into the credential. ${PUBLISH}, then in the settings of the Slack app, paste ${URL_ABOVE} as request URL under Event Subscriptions, and under Interactivity for buttons.`,
	},
	// https://docs.github.com/webhooks/using-webhooks/creating-webhooks
	github: {
		steps: `In the repository or organization, open Settings, Webhooks, Add webhook. Paste ${URL_ABOVE}, choose the content type "application/json" and a secret of your own.`,
	},
	// https://docs.stripe.com/webhooks
	stripe: {
		steps: `In the Stripe Workbench, open Webhooks, add a destination with ${URL_ABOVE}, then reveal its signing secret.`,
	},
	generic: {
		steps: `Give ${URL_ABOVE} to the sender, then describe below how it signs its requests and where the facts are in its payload. Without a secret, nothing is accepted.`,
	},
};

/** A provider's set-up, or the default one. */
export function setupOf(provider: ProviderId): Setup {
	return {
		credential: 'webhookSigningApi',
		steps: `Give ${URL_ABOVE} to ${PROVIDERS[provider].title}.`,
		...SETUPS[provider],
	};
}

/** The notice for setting up a provider by hand. */
export function setupNotice(provider: ProviderId): string {
	const { secret, documentation } = PROVIDERS[provider].scheme;
	const page = /^https:\S+/.exec(documentation)?.[0];
	const link = page ? ` <a href="${page}" target="_blank">Documentation</a>` : '';
	// No full stop after an ellipsis.
	const end = secret.endsWith('…') ? '' : '.';
	return `${setupOf(provider).steps} Into the credential goes ${secret}${end}${link}`;
}

export const PROVIDER_IDS: readonly ProviderId[] = Object.keys(PROVIDERS).filter(isProviderId);

/** The parameter values of the providers that fulfil a condition. */
export function parametersOf(holds: (provider: ProviderId) => boolean): string[] {
	return PROVIDER_IDS.filter(holds).map((id) => PROVIDERS[id].parameter);
}

/** The parameter values of the providers that use other credentials, for a credential's `displayOptions.hide`. */
export function without(credential: string): string[] {
	return parametersOf((id) => setupOf(id).credential !== credential);
}
