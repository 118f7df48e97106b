import { timingSafeEqual } from 'node:crypto';
import { signingKey } from '../signing-key.ts';
import { pythonJson } from '../webhooks/python-json.ts';
import { onePingDigest, type SignatureInput } from '../webhooks/sign.ts';
import type { RawRequest, ReceiveOptions, Rejection } from './received.ts';
import { refuse } from './received.ts';
import { refuseTimestamp } from './timestamp.ts';

export type Verified = { readonly ok: true; readonly payload: unknown } | Rejection;

/**
 * Verifies `X-OnePing-Signature` and `X-OnePing-Timestamp` over the raw bytes and parses the body after that.
 * One-Ping's Node sample signs `JSON.stringify` of the parsed body; where a proxy changed white space that form still
 * verifies, and it is exactly as hard to forge. All secrets are tried, for rotation.
 */
export function verifyOnePing(
	{ headers, body }: RawRequest,
	secrets: readonly string[],
	{ now, toleranceS, signatureInput = 'timestamped' }: ReceiveOptions,
): Verified {
	const signature = headers['x-oneping-signature'];
	const timestamp = headers['x-oneping-timestamp'];
	if (signature === undefined || timestamp === undefined) return refuse('missing_header');
	if (typeof signature !== 'string') return refuse('malformed_signature');
	const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature.trim())?.[1];
	if (!hex) return refuse('malformed_signature');
	if (typeof timestamp !== 'string') return refuse('bad_timestamp');
	const untimely = refuseTimestamp(timestamp, now, toleranceS);
	if (untimely) return refuse(untimely);

	const payload = parseJson(body);
	const claimed = Buffer.from(hex, 'hex');
	const genuine = secrets
		.filter((secret) => secret !== '')
		.some((secret) => matches(claimed, secret, timestamp, body, payload, signatureInput));
	if (!genuine) return refuse('bad_signature');
	return payload === undefined ? refuse('malformed_body') : { ok: true, payload };
}

function matches(
	claimed: Buffer,
	secret: string,
	timestamp: string,
	body: Uint8Array,
	payload: unknown,
	asked: SignatureInput,
): boolean {
	const key = signingKey(secret);
	const equals = (form: string | Uint8Array, input: SignatureInput): boolean =>
		timingSafeEqual(claimed, onePingDigest(key, timestamp, form, input));
	if (equals(body, 'timestamped')) return true;
	if (asked === 'body-only') return equals(body, 'body-only');
	if (payload === undefined) return false;
	const forms = [JSON.stringify, ...(asked === 'python-json' ? [pythonJson] : [])];
	return forms.some((form) => {
		const text = written(form, payload);
		return text !== undefined && equals(text, 'timestamped');
	});
}

/** The payload as text again, or undefined where it nests deeper than the stack: parsing has no such limit. */
function written(form: (value: unknown) => string, payload: unknown): string | undefined {
	try {
		return form(payload);
	} catch {
		return undefined;
	}
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The body as JSON, or undefined; JSON itself has no undefined. */
export function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(body));
	} catch {
		return undefined;
	}
}
