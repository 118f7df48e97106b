/**
 * The engine: notifications, channels, retries and fallbacks, delivery events, and their signing and verification. It
 * does no I/O of its own; hosts supply `ports`.
 *
 * @module
 */
export * from './about.ts';
export * from './answer-buttons.ts';
export * from './json-object.ts';
export * from './channels/index.ts';
export * from './depth.ts';
export * from './dispatch/index.ts';
export * from './errors.ts';
export * from './escalation/index.ts';
export * from './event.ts';
export * from './feed-event.ts';
export * from './graphemes.ts';
export * from './ids.ts';
export * from './json-bounds.ts';
export * from './lengths.ts';
export * from './limits/index.ts';
export * from './memoized.ts';
export * from './notification.ts';
export * from './ports.ts';
export type { Rate } from './rate.ts';
export * from './receive/index.ts';
export * from './received-event.ts';
export * from './report-type.ts';
export * from './retry.ts';
export * from './truncate.ts';
export * from './signing/index.ts';
export * from './trim-matching.ts';
export * from './time.ts';
export * from './vocabulary.ts';
export * from './webhooks/index.ts';
