import type { RawRequest } from '../received.ts';

/** Signature headers of other senders, by whom one knows them. */
const KNOWN: Readonly<Record<string, string>> = {
	'webhook-signature': 'Standard Webhooks',
	'svix-signature': 'Svix',
	'stripe-signature': 'Stripe',
	'x-hub-signature': 'GitHub or Meta',
	'x-hub-signature-256': 'GitHub or Meta',
	'x-slack-signature': 'Slack',
	'x-twilio-signature': 'Twilio',
	'x-twilio-email-event-webhook-signature': 'SendGrid',
	'x-telegram-bot-api-secret-token': 'Telegram',
	'x-shopify-hmac-sha256': 'Shopify',
};

export interface HeaderLine {
	readonly name: string;
	readonly value: string;
}

const all = ({ headers }: RawRequest): HeaderLine[] =>
	Object.entries(headers).flatMap(([name, value]) =>
		[value ?? []].flat().map((one) => ({ name, value: one })),
	);

/** Headers that may hold the signature under another name. */
export function signatureLike(request: RawRequest): readonly HeaderLine[] {
	return all(request).filter(({ name }) => /sign|hmac|digest|sha256/.test(name));
}

/** Headers that may hold the timestamp under another name. */
export function timestampLike(request: RawRequest): readonly HeaderLine[] {
	return all(request).filter(({ name }) => /timestamp|(^|-)time$|^date$/.test(name));
}

/** Whose webhook this is by its headers, or undefined. */
export function knownSender(request: RawRequest): string | undefined {
	return Object.entries(KNOWN).find(([name]) => Object.hasOwn(request.headers, name))?.[1];
}
