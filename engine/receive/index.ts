/**
 * Webhooks of providers: verified, read, and translated to one vocabulary. `providers/` has a file per provider,
 * `verify/` and `parse/` the tools that they share, `explain/` the reasons of a refusal in words.
 *
 * @module
 */
export type { ReceivedEvent } from '../received-event.ts';
export { type Reading } from './complete-reading.ts';
export {
	explainRejection,
	type Explanation,
	type Mistake,
	type MistakeCode,
} from './explain/index.ts';
export type { ReceiveOptions } from './options.ts';
export { OrderMemory, partOf } from './order-memory.ts';
export { type Facts, receivedEvent } from './parse/build-event.ts';
export type { Provider, Scheme } from './provider.ts';
export * from './providers/generic/rules.ts';
export * from './providers/index.ts';
export { type Accepted, receive, type Received, verify } from './receive.ts';
export { receiveAsking, type Sources } from './receive-asking.ts';
export { signsUrl } from './signs-url.ts';
export { DEFAULT_TOLERANCE_S } from './verify/timestamp.ts';
export {
	type Found,
	type Need,
	type OneTimeToken,
	type RawRequest,
	REJECTION_REASONS,
	type RejectionReason,
	type TokenUse,
	type Verification,
} from './verify/verification.ts';
