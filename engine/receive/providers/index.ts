import { generic } from './generic/index.ts';
import { github } from './github.ts';
import { mailgun } from './mailgun/index.ts';
import { messagebird } from './messagebird.ts';
import { notificationApi } from './notificationapi.ts';
import { onePing } from './one-ping.ts';
import { onePush } from './onepush.ts';
import { otpiq } from './otpiq.ts';
import { pingram } from './pingram.ts';
import { postmark } from './postmark.ts';
import { resend } from './resend.ts';
import { sendgrid } from './sendgrid.ts';
import { ses } from './ses/index.ts';
import { slack } from './slack.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { stripe } from './stripe.ts';
import { sureping } from './sureping.ts';
import { svix } from './svix.ts';
import { telegram } from './telegram.ts';
import { twilio } from './twilio/index.ts';
import { vonage } from './vonage/index.ts';
import { whatsapp } from './whatsapp/index.ts';
import type { Provider } from '../provider.ts';

/** Every provider whose webhooks are verified, in the order in which lists show them. */
const LIST = [
	sureping,
	onePing,
	onePush,
	notificationApi,
	pingram,
	otpiq,
	standardWebhooks,
	svix,
	resend,
	twilio,
	sendgrid,
	mailgun,
	postmark,
	ses,
	whatsapp,
	messagebird,
	vonage,
	telegram,
	slack,
	github,
	stripe,
	generic,
] as const;

export type ProviderId = (typeof LIST)[number]['id'];

/** The providers by id, in that order. */
export const PROVIDERS = Object.fromEntries(
	LIST.map((provider): [string, Provider] => [provider.id, provider]),
	// `fromEntries` forgets the names.
) as Readonly<Record<ProviderId, Provider>>;

export function isProviderId(text: string): text is ProviderId {
	return Object.hasOwn(PROVIDERS, text);
}

/** The name that people know a provider by; its id where this version does not know it. */
export function providerTitle(id: string): string {
	return isProviderId(id) ? PROVIDERS[id].title : id;
}

/** The provider behind a node parameter's value, such as `onePing`. */
export function providerOfParameter(parameter: string): ProviderId | undefined {
	return LIST.find((provider) => provider.parameter === parameter)?.id;
}
