import { github } from './github.ts';
import { mailgun } from './mailgun.ts';
import { notificationApi } from './notificationapi.ts';
import { onePing, onePingGuide } from './one-ping.ts';
import { onePush } from './onepush.ts';
import { otpiqMessage, otpiqReport, otpiqUrlToken } from './otpiq.ts';
import { pingram } from './pingram.ts';
import { postmark, postmarkByHeader } from './postmark.ts';
import { resend } from './resend.ts';
import { generic, genericParts, genericStatic } from './generic.ts';
import { messagebird } from './messagebird.ts';
import { ses, sesVersion1 } from './ses.ts';
import { telegram } from './telegram.ts';
import { vonage, vonageReceipt } from './vonage.ts';
import { whatsapp } from './whatsapp.ts';
import type { Scene } from './scene.ts';
import { slack, slackForm } from './slack.ts';
import { sureping } from './sureping.ts';
import { standardWebhooks, standardWebhooksAsymmetric } from './standard-webhooks.ts';
import { stripe } from './stripe.ts';
import { svix } from './svix.ts';
import { sendgrid } from './sendgrid.ts';
import { twilio, twilioEventStreams } from './twilio.ts';

export { type Scene, SCENE_URL, type SceneRequest, SIGNED_AT, type Signing } from './scene.ts';

/** Every provider's webhooks, each form of them. */
export const SCENES: readonly Scene[] = [
	sureping,
	onePing,
	onePingGuide,
	onePush,
	notificationApi,
	pingram,
	otpiqReport,
	otpiqUrlToken,
	otpiqMessage,
	twilio,
	twilioEventStreams,
	sendgrid,
	mailgun,
	postmark,
	postmarkByHeader,
	standardWebhooks,
	standardWebhooksAsymmetric,
	svix,
	resend,
	stripe,
	github,
	slack,
	slackForm,
	ses,
	sesVersion1,
	whatsapp,
	messagebird,
	vonage,
	vonageReceipt,
	telegram,
	generic,
	genericStatic,
	genericParts,
];
