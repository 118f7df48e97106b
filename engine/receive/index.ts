import type { ProviderId } from '../providers.ts';
import { generic } from './providers/generic/index.ts';
import { github } from './providers/github.ts';
import { mailgun } from './providers/mailgun/index.ts';
import { messagebird } from './providers/messagebird.ts';
import { notificationApi } from './providers/notificationapi.ts';
import { onePing } from './providers/one-ping.ts';
import { onePush } from './providers/onepush.ts';
import { otpiq } from './providers/otpiq.ts';
import { pingram } from './providers/pingram.ts';
import { postmark } from './providers/postmark.ts';
import {
	type RawRequest,
	type Received,
	type ReceiveOptions,
	type Receiver,
	type Verification,
} from './received.ts';
import { resend } from './providers/resend.ts';
import { sendgrid } from './providers/sendgrid.ts';
import { ses } from './providers/ses/index.ts';
import { slack } from './providers/slack.ts';
import { standardWebhooks } from './providers/standard-webhooks.ts';
import { stripe } from './providers/stripe.ts';
import { sureping } from './providers/sureping.ts';
import { svix } from './providers/svix.ts';
import { telegram } from './providers/telegram.ts';
import { twilio } from './providers/twilio/index.ts';
import { completed } from './complete-reading.ts';
import { vonage } from './providers/vonage/index.ts';
import { whatsapp } from './providers/whatsapp/index.ts';

export * from './providers/generic/rules.ts';
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
export { type Facts, receivedEvent } from './parse/build-event.ts';
export { signsUrl } from './schemes.ts';
export { DEFAULT_TOLERANCE_S } from './verify/timestamp.ts';
export * from '../vocabulary.ts';

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
