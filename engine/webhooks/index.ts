export {
	type Profile,
	type ProfileId,
	PROFILE_IDS,
	PROFILES,
	type WebhookMessage,
} from './profiles.ts';
export {
	type Acknowledgement,
	settleWebhook,
	type WebhookAttempt,
	type WebhookDelivery,
	type WebhookState,
} from './settle.ts';
export { SIGNATURE_INPUTS, type SignatureInput, signOnePing } from './sign.ts';
export { subscribersOf, type Subscription } from './subscribers.ts';
