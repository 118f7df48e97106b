import type { ProviderId } from '../providers.ts';
import type { SignatureInput } from '../webhooks/sign.ts';

/** A webhook request as it arrived. `body` holds the bytes that were signed: inflated, otherwise untouched. */
export interface RawRequest {
	readonly method: string;
	readonly url: string;
	/** Names in lower case; a header that came twice as a list. */
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: Uint8Array;
}

export interface ReceiveOptions {
	/** Milliseconds since 1970. */
	readonly now: number;
	/** Seconds that a timestamp may be away from `now`, either way; exactly that much passes. */
	readonly toleranceS?: number;
	/** Accept this older form as well; each but `timestamped` must be asked for. */
	readonly signatureInput?: SignatureInput;
}

/** Why a request was refused. For logs and counters: the caller is told nothing but 401. */
export const REJECTION_REASONS = {
	missing_header: 'A header that carries the signature is missing',
	malformed_signature: 'The signature header does not have the form that this provider sends',
	bad_timestamp: 'The timestamp is not a whole number of seconds',
	stale: 'The timestamp is too old',
	future: 'The timestamp is too far in the future',
	bad_signature: 'The signature does not belong to this body, timestamp and secret',
	malformed_body: 'The body is not a delivery event of this provider',
	replayed: 'The same request was already taken',
} as const;

export type RejectionReason = keyof typeof REJECTION_REASONS;

/** A provider's delivery event in the one form that all of them take. Absent facts are absent. */
export interface ReceivedEvent {
	/** The provider's own id of the event, or one derived from what identifies it: equal for a resend. */
	eventId: string;
	provider: ProviderId;
	/** `notification.delivered` and so on; a type we do not know comes as the provider spelled it. */
	type: string;
	notificationId: string;
	deliveryId?: string;
	channel?: string;
	status: string;
	/** Nothing more is to come for this delivery. */
	final: boolean;
	confirmation?: 'service' | 'device';
	recipient?: string;
	attempt?: number;
	maxAttempts?: number;
	nextRetryAt?: string;
	fromChannel?: string;
	bounceType?: 'hard' | 'soft';
	allChannelsFailed?: boolean;
	latencyMs?: number;
	error?: { code: string; message: string };
	occurredAt: string;
	receivedAt: string;
	sequence?: number;
	metadata: Record<string, unknown>;
	/** The provider's payload, unchanged. */
	raw: Record<string, unknown>;
}

export type Rejection = { readonly ok: false; readonly reason: RejectionReason };
export type Received = { readonly ok: true; readonly events: readonly ReceivedEvent[] } | Rejection;

export function refuse(reason: RejectionReason): Rejection {
	return { ok: false, reason };
}

/** One provider's webhooks: verified, then read. Never throws, whatever arrives. */
export type Receiver = (
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
) => Received;
