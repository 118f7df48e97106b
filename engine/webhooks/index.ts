export { encodeWebhook, tells } from './encode.ts';
export * from './profiles/index.ts';
export {
	type Acknowledgement,
	settleWebhook,
	settleWebhooks,
	type WebhookAttempt,
	type WebhookDelivery,
	type WebhookState,
} from './settle.ts';
export { SIGNATURE_INPUTS, type SignatureInput, signOnePing } from './sign.ts';
export { type Background, subscribersOf, type Subscription } from './subscribers.ts';
