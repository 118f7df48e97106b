/** How a provider that we do not know signs its webhooks, and where it puts what. */
export interface GenericRules {
	/** Of the HMAC; `none` compares the header with the secret itself. */
	readonly algorithm: 'sha1' | 'sha256' | 'sha512' | 'none';
	readonly encoding: 'hex' | 'base64' | 'base64url';
	/** The header that carries the signature, in lower case. */
	readonly signatureHeader: string;
	/** What stands before the signature in its header, such as `sha256=`. */
	readonly signaturePrefix?: string;
	/** The header with the time of signing, where there is one: seconds or milliseconds since 1970. */
	readonly timestampHeader?: string;
	/** The header with the id of the request, where there is one. */
	readonly idHeader?: string;
	/** What is signed, with `{body}`, `{timestamp}`, `{id}`, `{url}` and `{method}` in their places. */
	readonly signedContent: string;
	/** How the secret becomes the key. */
	readonly secretEncoding: 'utf8' | 'hex' | 'base64';
	/** Paths in the payload such as `data.status`; a list of events at `events`. */
	readonly fields: GenericFields;
	/** What its own words for an event mean, such as `{ "ok": "notification.delivered" }`. */
	readonly types: Readonly<Record<string, string>>;
}

export interface GenericFields {
	/** Where the list of events is, when a request has many; empty for the payload itself. */
	readonly events?: string;
	readonly type: string;
	readonly notificationId: string;
	readonly eventId?: string;
	readonly channel?: string;
	readonly recipient?: string;
	readonly occurredAt?: string;
	readonly errorCode?: string;
	readonly errorMessage?: string;
}
