import { signingKey } from '../../signing/keys.ts';
import { pythonJson } from '../../signing/python-json.ts';
import { FORMER_SIGNATURE, onePingDigest, type SignatureInput } from '../../signing/one-ping.ts';
import { sameBytes } from '../../signing/compare.ts';
import { parseJson } from '../parse/json.ts';
import type { RawRequest, Verification } from './verification.ts';
import type { ReceiveOptions } from '../options.ts';
import { refuse } from './verification.ts';
import { refuseTimestamp } from './timestamp.ts';

/**
 * Verifies `X-OnePing-Signature` and `X-OnePing-Timestamp` over the raw bytes. One-Ping's Node sample signs
 * `JSON.stringify` of the parsed body; where a proxy changed white space that form still verifies, and it is exactly as
 * hard to forge. All secrets are tried, for rotation, and so are the signatures that a runner adds with its secrets before.
 */
export function verifyOnePing(
	request: RawRequest,
	secrets: readonly string[],
	{ now, toleranceS, signatureInput = 'timestamped' }: ReceiveOptions,
): Verification {
	const { headers, body } = request;
	const signature = headers['x-oneping-signature'];
	const timestamp = headers['x-oneping-timestamp'];
	if (signature === undefined || timestamp === undefined) return refuse('missing_header');
	if (typeof signature !== 'string') return refuse('malformed_signature');
	const newest = digestIn(signature);
	if (!newest) return refuse('malformed_signature');
	if (typeof timestamp !== 'string') return refuse('bad_timestamp');
	const untimely = refuseTimestamp(timestamp, now, toleranceS);
	if (untimely) return refuse(untimely);

	const claimed = [newest, ...formerDigests(headers[FORMER_HEADER])];
	const usable = secrets.filter((secret) => secret !== '');
	const matches = (form: string | Uint8Array, input: SignatureInput): boolean =>
		usable.some((secret) =>
			isAmong(claimed, onePingDigest(signingKey(secret), timestamp, form, input)),
		);
	const signedAt = Number(timestamp) * 1000;
	if (matches(body, 'timestamped')) return { ok: true, request, signedAt };
	// A signature of the body alone says nothing about the timestamp.
	if (signatureInput === 'body-only' && matches(body, 'body-only')) return { ok: true, request };

	if (body.length > LONGEST_REWRITTEN) return refuse('bad_signature');
	const payload = parseJson(body);
	if (payload === undefined) return refuse('bad_signature');
	const forms = [JSON.stringify, ...(signatureInput === 'python-json' ? [pythonJson] : [])];
	const rewritten = forms.some((form) => {
		const text = written(form, payload);
		return text !== undefined && matches(text, 'timestamped');
	});
	return rewritten ? { ok: true, request, signedAt, payload } : refuse('bad_signature');
}

const FORMER_HEADER = FORMER_SIGNATURE.toLowerCase();
/** The most that a runner sends; limits the work that a stranger can cause. */
const MOST_FORMER = 8;

function digestIn(signature: string): Buffer | undefined {
	const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature.trim())?.[1];
	return hex === undefined ? undefined : Buffer.from(hex, 'hex');
}

function formerDigests(header: string | readonly string[] | undefined): readonly Buffer[] {
	if (typeof header !== 'string') return [];
	return header.split(',', MOST_FORMER).flatMap((one) => digestIn(one) ?? []);
}

function isAmong(claimed: readonly Buffer[], digest: Buffer): boolean {
	return claimed.some((one) => sameBytes(one, digest));
}

/**
 * Bytes of a body that is parsed and written again before it is proved, which a stranger can cause. No single event of
 * a service comes near it, and a runner signs the bytes that it sends.
 */
export const LONGEST_REWRITTEN = 128 * 1024;

/** The payload as text again, or undefined where it nests deeper than the stack: parsing has no such limit. */
export function written(form: (value: unknown) => string, payload: unknown): string | undefined {
	try {
		return form(payload);
	} catch {
		return undefined;
	}
}
