import type { ProviderId } from '../providers.ts';
import type { SignatureInput } from '../signing/one-ping.ts';
import type { GenericRules } from './providers/generic/rules.ts';
import type { ReceivedType } from '../vocabulary.ts';

/** A webhook request as it arrived. `body` holds the bytes that were signed: inflated, otherwise untouched. */
export interface RawRequest {
	readonly method: string;
	/** As the provider called it: absolute where a provider signs its URL (Twilio, MessageBird), otherwise a path will do. */
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
	/** One-Ping: accept this older form as well; each but `timestamped` must be asked for. */
	readonly signatureInput?: SignatureInput;
	/** WhatsApp: what Meta must repeat when the webhook is set up. Without it no setup is answered. */
	readonly verifyToken?: string;
	/** `generic`: how its requests are signed and where their facts are. */
	readonly generic?: GenericRules;
	/** Where the request came in, such as `twilio/sms`: it tells unreadable events of two entries apart. */
	readonly entry?: string;
	/** What the host found out because a rejection had a `need`. */
	readonly found?: Found;
}

/** Facts that a verification needs and only the host can know. */
export interface Found {
	/** Amazon SNS's signing certificates in PEM, by URL. */
	readonly certificates?: Readonly<Record<string, string>>;
	/** Whether a one-time token was seen before: never, with the same body (a resend), or with another one (a replay). */
	readonly tokenUse?: TokenUse;
}
export type TokenUse = 'first' | 'same-body' | 'other-body';

/** Why a request was refused. For logs and counters: the caller is told nothing but 401. */
export const REJECTION_REASONS = {
	missing_header: 'A header that carries the signature is missing',
	malformed_signature: 'The signature does not have the form that this provider sends',
	bad_timestamp: 'The timestamp is not in the form that this provider sends',
	stale: 'The timestamp is too old',
	future: 'The timestamp is too far in the future',
	bad_signature: 'The signature does not belong to this request and secret',
	malformed_body: 'The body lacks what the signature is checked by',
	replayed: 'The same request was already taken',
} as const;

export type RejectionReason = keyof typeof REJECTION_REASONS;

/** A provider's delivery event in the one form that all of them take. Absent facts are absent. */
export interface ReceivedEvent {
	/** The provider's own id of the event, or one derived from what identifies it: equal for a resend. */
	eventId: string;
	provider: ProviderId;
	type: ReceivedType;
	/** What the provider calls it, such as `EMAIL_OPEN`, where that is not the type itself. */
	providerEvent?: string;
	/** The provider's id of the message, the one that it gave when the message was sent; the event's own where it is about none. */
	notificationId: string;
	deliveryId?: string;
	channel?: string;
	/** The last word of the type, unless the provider's own says more. */
	status: string;
	/** Nothing more is to come for this delivery. */
	final: boolean;
	/** Who vouches for `delivered`: the channel's service (a mailbox's server, say), or the recipient's device. */
	confirmation?: 'service' | 'device';
	recipient?: string;
	/** The name under which a runner knows it: the account that it was sent through, or the one that reported. */
	connection?: string;
	attempt?: number;
	maxAttempts?: number;
	nextRetryAt?: string;
	fromChannel?: string;
	bounceType?: 'hard' | 'soft';
	allChannelsFailed?: boolean;
	latencyMs?: number;
	error?: { code: string; message: string };
	/** The link that was clicked. */
	link?: string;
	/** What was to be said: a runner tells the subject, and how the message begins. */
	subject?: string;
	message?: string;
	/** Where the send came from. */
	source?: {
		system?: string;
		workflowId?: string;
		workflowName?: string;
		executionId?: string;
		url?: string;
	};
	/** Of `notification.undelivered`: what was tried, and why it failed. */
	deliveries?: {
		channel: string;
		connection: string;
		recipient: string;
		error: { code: string; message: string };
	}[];
	/** What an event about no single delivery is about, beside a notification. */
	incidentId?: string;
	askId?: string;
	checkIn?: string;
	/** Of `notification.loop_stopped`: the event that the refused send followed from. */
	inReplyTo?: string;
	/** A mail scanner or privacy proxy opened or clicked, not a person. */
	machine?: true;
	/** It came after an event that is further on, such as a late `sent` after `delivered`; then `final` is false. */
	outOfOrder?: true;
	occurredAt: string;
	receivedAt: string;
	sequence?: number;
	metadata: Record<string, unknown>;
	/** Genuine, but not in a form that this provider documents. Its type is `unknown`. */
	unreadable?: true;
	/** The provider's payload for this event, unchanged: an object, unless it is unreadable. Text where it is no JSON. */
	raw: unknown;
}

export interface Rejection {
	readonly ok: false;
	readonly reason: RejectionReason;
	/** What the host can find out to ask again, with `found`; as long as it does not, the request stays refused. */
	readonly need?: Need;
}

export type Need =
	| { readonly fact: 'certificate'; readonly url: string }
	| ({ readonly fact: 'token-use' } & OneTimeToken);

/** What may come once by this signing key, wherever it comes in. */
export interface OneTimeToken {
	/** Which key, told by its hash. */
	readonly key: string;
	readonly token: string;
	/** Of all that came with it. */
	readonly bodyHash: string;
}

/** What a genuine request says. */
export interface Reading {
	/** What could not be read is among them, as `unreadable`. */
	readonly events: readonly ReceivedEvent[];
	/**
	 * Milliseconds after which an unreadable event that comes again is another one. Undefined where the proof covers the
	 * body: then it is the same for ever.
	 */
	readonly unreadableRepeatsAfterMs?: number;
	/** The answer that the provider waits for instead of the host's own, always with status 200. */
	readonly answer?: { readonly contentType: string; readonly body: string };
	/** A URL to call with GET, which confirms the subscription (Amazon SNS). */
	readonly confirm?: string;
}

export type Accepted = { readonly ok: true } & Reading;
export type Received = Accepted | Rejection;

/** A request that is proved to come from the provider, with what the proof found on its way. */
export interface Genuine {
	readonly ok: true;
	readonly request: RawRequest;
	/** The provider's id of the request, when the signature covers it. */
	readonly id?: string;
	/** When it was signed, when the signature covers that; milliseconds since 1970. */
	readonly signedAt?: number;
	/**
	 * What was signed, where that is less than the body, or does not tell one reading of the request from another. Whoever
	 * changes the rest, or draws the borders within it anew, has the same; so an id made of it is the same too.
	 */
	readonly signed?: string;
	/** The body as JSON, where the proof had to parse it; of a body that is signed in part, only that part. */
	readonly payload?: unknown;
	/** The proof is a secret that is sent as it is, and so says nothing about the body. */
	readonly isStatic?: true;
}
export type Verification = Genuine | Rejection;

/** A part of a genuine request that is in no form that its provider documents. */
export interface Unread {
	/** As it came. */
	readonly unread: unknown;
	/** What tells it from others, where that is not the whole body. */
	readonly identity?: readonly unknown[];
}

/** What a receiver makes of a request. */
export interface Draft extends Pick<Reading, 'answer' | 'confirm'> {
	readonly events: readonly (ReceivedEvent | Unread)[];
}

/** One provider's webhooks. Neither function throws, whatever arrives. */
export interface Receiver {
	/** Proves where the request comes from. Fails closed: without a secret nothing is genuine. */
	verify(request: RawRequest, secrets: readonly string[], options: ReceiveOptions): Verification;
	/** What a genuine request says; undefined when it cannot be read. */
	read(genuine: Genuine, options: ReceiveOptions): Draft | undefined;
}

export function refuse(reason: RejectionReason): Rejection {
	return { ok: false, reason };
}
