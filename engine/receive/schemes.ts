import type { ProviderId } from '../providers.ts';
import { type GenericRules, signedPieces } from './providers/generic/rules.ts';

/** How a provider's webhooks are proved genuine, for people. */
export interface Scheme {
	/** What is compared with what. */
	readonly proof: string;
	/** What its secret is, and where it is found. */
	readonly secret: string;
	readonly documentation: string;
	/** It signs the URL that it calls, so whoever verifies must know it exactly. */
	readonly signsUrl?: true;
}

export const SCHEMES: Readonly<Record<ProviderId, Scheme>> = {
	sureping: {
		proof:
			'X-OnePing-Signature: "sha256=" and the hex HMAC-SHA256 of X-OnePing-Timestamp, a dot and the body',
		secret: "the endpoint's secret, as the runner showed it",
		documentation: 'Sureping, README, "Verifying a webhook"',
	},
	'one-ping': {
		proof:
			'X-OnePing-Signature: "sha256=" and the hex HMAC-SHA256 of X-OnePing-Timestamp, a dot and the body; or X-Webhook-Signature: the hex HMAC-SHA256 of the body',
		secret: 'the webhook secret of the One-Ping dashboard',
		documentation: 'https://one-ping.com/features/webhooks',
	},
	onepush: {
		proof: 'X-OnePush-Signature: the hex HMAC-SHA256 of the body',
		secret: 'the webhook secret of the OnePush dashboard',
		documentation: 'https://onepush.app/blog (Webhooks and Real-Time Email Event Tracking)',
	},
	notificationapi: {
		proof: 'a secret token in the URL; NotificationAPI does not sign its webhooks',
		secret: 'a token of your own, added to the URL as ?token=…',
		documentation: 'https://docs.notificationapi.com (Events Webhook)',
	},
	pingram: {
		proof:
			'X-Pingram-Signature: "v1," and the hex HMAC-SHA256 of X-Pingram-Id, X-Pingram-Timestamp (milliseconds) and the body, with dots between',
		secret: 'the secret that Pingram gave when the webhook was set up',
		documentation: 'https://www.pingram.io/docs (Events Webhook)',
	},
	otpiq: {
		proof:
			'X-OTPIQ-Webhook-Secret: the secret itself, or a secret token in the URL; for WhatsApp messages X-OTPIQ-Webhook-Signature: "sha256=" and the hex HMAC-SHA256 of X-OTPIQ-Webhook-Timestamp, a dot and the body',
		secret: 'the webhookSecret of the send request',
		documentation: 'https://docs.otpiq.com/webhooks',
	},
	'standard-webhooks': {
		proof:
			'webhook-signature: a list of "v1," and the base64 HMAC-SHA256 (or "v1a," and the ed25519 signature) of webhook-id, webhook-timestamp and the body, with dots between',
		secret: 'a key of the form whsec_… (or whpk_… for ed25519)',
		documentation:
			'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
	},
	svix: {
		proof:
			'svix-signature: a list of "v1," and the base64 HMAC-SHA256 of svix-id, svix-timestamp and the body, with dots between',
		secret: "the endpoint's signing secret, whsec_…",
		documentation: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
	},
	resend: {
		proof:
			'svix-signature: a list of "v1," and the base64 HMAC-SHA256 of svix-id, svix-timestamp and the body, with dots between',
		secret: "the webhook's signing secret, whsec_…",
		documentation: 'https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests',
	},
	twilio: {
		proof: 'X-Twilio-Signature: the base64 HMAC-SHA1 of the URL and the sorted form fields',
		secret: "the account's auth token",
		documentation: 'https://www.twilio.com/docs/usage/security',
		signsUrl: true,
	},
	sendgrid: {
		proof:
			'X-Twilio-Email-Event-Webhook-Signature: the base64 ECDSA signature of X-Twilio-Email-Event-Webhook-Timestamp and the body',
		secret: 'the verification key (a public key) of the signed event webhook',
		documentation:
			'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
	},
	mailgun: {
		proof:
			'signature.signature in the body: the hex HMAC-SHA256 of its timestamp and token, which is taken once',
		secret: 'the HTTP webhook signing key of the account',
		documentation:
			'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
	},
	postmark: {
		proof:
			'the user and password in the URL (HTTP Basic), or a header of your own; Postmark does not sign its webhooks',
		secret: '"user:password", or "Header-Name: value"',
		documentation: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
	},
	ses: {
		proof:
			"Signature in the body: Amazon SNS's RSA signature of its fields, with the certificate at SigningCertURL",
		secret: 'the ARN of the SNS topic that is expected (not a secret)',
		documentation: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
	},
	whatsapp: {
		proof: 'X-Hub-Signature-256: "sha256=" and the hex HMAC-SHA256 of the body',
		secret: "the Meta app's app secret",
		documentation: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
	},
	messagebird: {
		proof: 'MessageBird-Signature-JWT: a JWT with the hashes of the URL and the body',
		secret: 'the signing key of the account',
		documentation: 'https://developers.messagebird.com/api/#verifying-http-requests',
		signsUrl: true,
	},
	vonage: {
		proof: 'Authorization: Bearer and a JWT with the hash of the body',
		secret: "the account's signature secret",
		documentation:
			'https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks',
	},
	telegram: {
		proof: 'X-Telegram-Bot-Api-Secret-Token: the secret itself',
		secret: 'the secret_token of setWebhook',
		documentation: 'https://core.telegram.org/bots/api#setwebhook',
	},
	slack: {
		proof:
			'X-Slack-Signature: "v0=" and the hex HMAC-SHA256 of "v0", X-Slack-Request-Timestamp and the body, with colons between',
		secret: "the app's signing secret",
		documentation: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
	},
	github: {
		proof: 'X-Hub-Signature-256: "sha256=" and the hex HMAC-SHA256 of the body',
		secret: "the webhook's secret",
		documentation: 'https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries',
	},
	stripe: {
		proof: 'Stripe-Signature: t= and v1=, the hex HMAC-SHA256 of the time, a dot and the body',
		secret: "the endpoint's signing secret, whsec_…",
		documentation: 'https://docs.stripe.com/webhooks#verify-manually',
	},
	generic: {
		proof: 'a signature as you describe it',
		secret: 'the secret that the sender signs with',
		documentation: 'Sureping, README, "Providers"',
	},
};

/** Whether a proof needs the URL as the provider called it; `rules` are those of `generic`. */
export function signsUrl(provider: ProviderId, rules?: GenericRules): boolean {
	if (SCHEMES[provider].signsUrl) return true;
	if (rules === undefined || rules.algorithm === 'none') return false;
	return signedPieces(rules.signedContent).some(
		(piece) => 'place' in piece && piece.place === 'url',
	);
}
