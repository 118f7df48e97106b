export { answerText } from './answer-text.ts';
export { MOST_HEADERS, refuseHeaders } from './custom-headers.ts';
export { encodeWebhook, tells } from './encode.ts';
export * from './health.ts';
export * from './operational.ts';
export * from './profiles/index.ts';
export {
	type Acknowledgement,
	isOurs,
	lapsedWebhook,
	settleWebhook,
	settleWebhooks,
	type WebhookAttempt,
	type WebhookDelivery,
	type WebhookState,
} from './settle.ts';
export { type Background, subscribersOf, type Subscription } from './subscribers.ts';
