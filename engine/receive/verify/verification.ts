/** A webhook request as it arrived. `body` holds the bytes that were signed: inflated, otherwise untouched. */
export interface RawRequest {
	readonly method: string;
	/** As the provider called it: absolute where a provider signs its URL (Twilio, MessageBird), otherwise a path will do. */
	readonly url: string;
	/** Names in lower case; a header that came twice as a list. */
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: Uint8Array;
}

/** Reasons for which a request is refused. For logs and counters: the caller only gets a 401. */
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

export interface Rejection {
	readonly ok: false;
	readonly reason: RejectionReason;
	/** A fact that the host can find out before it asks again, with `found`. Until then the request stays refused. */
	readonly need?: Need;
}

export function refuse(reason: RejectionReason): Rejection {
	return { ok: false, reason };
}

export type Need =
	| { readonly fact: 'certificate'; readonly url: string }
	| ({ readonly fact: 'token-use' } & OneTimeToken);

/** A token that one signing key may use once, across all inbound entries. */
export interface OneTimeToken {
	/** A hash that identifies the key. */
	readonly key: string;
	readonly token: string;
	/** A hash of everything that came with the token. */
	readonly bodyHash: string;
}

/** Facts that a verification needs and only the host can know. */
export interface Found {
	/** Amazon SNS's signing certificates in PEM, by URL. */
	readonly certificates?: Readonly<Record<string, string>>;
	/** Earlier use of a one-time token: none, with the same body (a resend), or with another one (a replay). */
	readonly tokenUse?: TokenUse;
}
export type TokenUse = 'first' | 'same-body' | 'other-body';

/** A request that is proved to come from the provider, with the facts that the proof established. */
export interface Genuine {
	readonly ok: true;
	readonly request: RawRequest;
	/** The provider's id of the request, when the signature covers it. */
	readonly id?: string;
	/** The time of signing, when the signature covers it; milliseconds since 1970. */
	readonly signedAt?: number;
	/**
	 * The signed content, where it is less than the body, or where several readings of a request share one signature.
	 * A forger who changes the rest keeps this content, so an event id made of it stays the same.
	 */
	readonly signed?: string;
	/** The body as JSON, where the proof had to parse it; of a body that is signed in part, only that part. */
	readonly payload?: unknown;
	/** The proof is a secret that was sent in plain, so it does not cover the body. */
	readonly isStatic?: true;
}
export type Verification = Genuine | Rejection;
