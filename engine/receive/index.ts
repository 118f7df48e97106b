import type { ProviderId } from '../providers.ts';
import { generic } from './generic.ts';
import { github } from './github.ts';
import { mailgun } from './mailgun.ts';
import { messagebird } from './messagebird.ts';
import { notificationApi } from './notificationapi.ts';
import { onePing } from './one-ping.ts';
import { onePush } from './onepush.ts';
import { otpiq } from './otpiq.ts';
import { pingram } from './pingram.ts';
import { postmark } from './postmark.ts';
import {
	type RawRequest,
	type Received,
	type ReceiveOptions,
	type Receiver,
	type Verification,
} from './received.ts';
import { resend } from './resend.ts';
import { sendgrid } from './sendgrid.ts';
import { ses } from './ses.ts';
import { slack } from './slack.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { stripe } from './stripe.ts';
import { sureping } from './sureping.ts';
import { svix } from './svix.ts';
import { telegram } from './telegram.ts';
import { twilio } from './twilio.ts';
import { completed } from './unreadable.ts';
import { vonage } from './vonage.ts';
import { whatsapp } from './whatsapp.ts';

export * from './generic-rules.ts';
export {
	type Accepted,
	type Found,
	type Need,
	type OneTimeToken,
	type RawRequest,
	type Reading,
	type Received,
	type ReceivedEvent,
	type ReceiveOptions,
	REJECTION_REASONS,
	type RejectionReason,
	type TokenUse,
	type Verification,
} from './received.ts';
export {
	explainRejection,
	type Explanation,
	type Mistake,
	type MistakeCode,
} from './explain/index.ts';
export { type Facts, receivedEvent } from './received-event.ts';
export { signsUrl } from './schemes.ts';
export { DEFAULT_TOLERANCE_S } from './timestamp.ts';
export * from './vocabulary.ts';

const RECEIVERS: Readonly<Record<ProviderId, Receiver>> = {
	sureping,
	'one-ping': onePing,
	onepush: onePush,
	notificationapi: notificationApi,
	pingram,
	otpiq,
	'standard-webhooks': standardWebhooks,
	svix,
	resend,
	slack,
	github,
	stripe,
	twilio,
	sendgrid,
	mailgun,
	postmark,
	ses,
	whatsapp,
	messagebird,
	vonage,
	telegram,
	generic,
};

/** Proves where one webhook request comes from, and reads nothing more than that takes. */
export function verify(
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Verification {
	return RECEIVERS[provider].verify(request, secrets, options);
}

/**
 * Verifies and reads one webhook request. Fails closed: without a secret nothing is ever accepted. What is proved is
 * accepted, whatever it says. A rejection with a `need` is for the host to meet and ask again; `receiveAsking` does that.
 */
export function receive(
	provider: ProviderId,
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Received {
	const receiver = RECEIVERS[provider];
	const verified = receiver.verify(request, secrets, options);
	if (!verified.ok) return verified;
	const draft = receiver.read(verified, options);
	return { ok: true, ...completed(provider, verified, draft, options) };
}
