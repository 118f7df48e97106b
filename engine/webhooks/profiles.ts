import type { KeyObject } from 'node:crypto';
import { ONE_PING_EVENTS } from '../event.ts';
import type { FeedEvent } from '../feed-event.ts';
import { isReceivedType, RECEIVED_TYPES, type ReceivedType } from '../receive/vocabulary.ts';
import { pythonJson } from './python-json.ts';
import { type SignatureInput, signOnePing } from './sign.ts';

/** What one webhook request carries on the wire. */
export interface WebhookMessage {
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** A provider's wire format for the webhooks that we send. */
export interface Profile {
	/** What an endpoint gets that asks for nothing in particular. */
	readonly defaultEvents: readonly ReceivedType[];
	/** The request for one event, signed at `now` (milliseconds). */
	encode(event: FeedEvent, key: KeyObject, now: number, input: SignatureInput): WebhookMessage;
}

function encodeOnePing(
	event: FeedEvent,
	key: KeyObject,
	now: number,
	input: SignatureInput,
): WebhookMessage {
	const body = input === 'python-json' ? pythonJson(event) : JSON.stringify(event);
	return {
		headers: {
			'content-type': 'application/json',
			...signOnePing(key, body, now, input),
			'X-OnePing-Event-Id': event.event_id,
		},
		body,
	};
}

/**
 * `sureping` is what the runner's own trigger registers: One-Ping's format with every event type, also those that
 * only other providers report and those that fit none (`unknown`).
 * `one-ping` is for receivers written for One-Ping: the five types that it documents.
 */
export const PROFILES = {
	sureping: {
		defaultEvents: Object.keys(RECEIVED_TYPES).filter(isReceivedType),
		encode: encodeOnePing,
	},
	'one-ping': { defaultEvents: ONE_PING_EVENTS, encode: encodeOnePing },
} as const satisfies Record<string, Profile>;

export type ProfileId = keyof typeof PROFILES;

export const PROFILE_IDS: readonly [ProfileId, ...ProfileId[]] = ['sureping', 'one-ping'];
