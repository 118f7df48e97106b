import { createHmac, type KeyObject } from 'node:crypto';

export const SIGNATURE_INPUTS = ['timestamped', 'body-only', 'python-json'] as const;

/**
 * The content that the HMAC covers. One-Ping's documentation has three versions: its Node sample signs `timestamp.body`
 * (`timestamped`), its text the bare body (`body-only`), its Python sample `timestamp.` and the body as `json.dumps`
 * writes it (`python-json`, where the body sent has that form too, so that readers of raw bytes verify as well).
 */
export type SignatureInput = (typeof SIGNATURE_INPUTS)[number];

export type OnePingHeaders = Readonly<{
	'X-OnePing-Signature': string;
	'X-OnePing-Timestamp': string;
}>;

/**
 * One-Ping's signature headers for exactly these body bytes: `sha256=` and hex HMAC-SHA256, with the time of signing
 * in unix seconds. Sign anew for every attempt: receivers refuse a timestamp older than 300 s.
 */
export function signOnePing(
	key: KeyObject,
	body: string,
	now: number,
	input: SignatureInput = 'timestamped',
): OnePingHeaders {
	const timestamp = String(Math.floor(now / 1000));
	return {
		'X-OnePing-Signature': `sha256=${onePingDigest(key, timestamp, body, input).toString('hex')}`,
		'X-OnePing-Timestamp': timestamp,
	};
}

/**
 * Signatures of the secrets before, while a rotation lasts: hex as in `X-OnePing-Signature`, separated by commas.
 * One-Ping's header has room for one signature, and its samples compare the whole of it, so the others have a header of
 * their own: receivers that do not know it go on with the newest secret.
 */
export const FORMER_SIGNATURE = 'X-Sureping-Former-Signature';

/** That header, when there are such secrets. `now` as given to `signOnePing`. */
export function signFormer(
	keys: readonly KeyObject[],
	body: string,
	now: number,
	input: SignatureInput,
): Readonly<Record<string, string>> {
	if (keys.length === 0) return {};
	const signatures = keys.map((key) => signOnePing(key, body, now, input)['X-OnePing-Signature']);
	return { [FORMER_SIGNATURE]: signatures.join(',') };
}

/** The 32 bytes that a One-Ping signature must hold. */
export function onePingDigest(
	key: KeyObject,
	timestamp: string,
	body: string | Uint8Array,
	input: SignatureInput,
): Buffer {
	const hmac = createHmac('sha256', key);
	if (input !== 'body-only') hmac.update(`${timestamp}.`);
	return hmac.update(body).digest();
}
