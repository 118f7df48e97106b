export { answerText } from './answer-text.ts';
export { MOST_HEADERS, refuseHeaders } from './custom-headers.ts';
export { encodeWebhook, hasPayloadFor } from './encode.ts';
export * from './health.ts';
export * from './operational.ts';
export * from './profiles/index.ts';
export { announcementOf, outcomeOfRequest } from './request-outcome.ts';
export {
	type Acknowledgement,
	isOurs,
	isLastAttempt,
	settleWebhook,
	settleWebhooks,
	unformattedWebhook,
	type WebhookAttempt,
	type WebhookDelivery,
	type WebhookState,
	type Withheld,
	withheldWebhook,
} from './settle.ts';
export { testEvent } from './test-event.ts';
export { type Background, subscribersOf, type Subscription } from './subscribers.ts';
