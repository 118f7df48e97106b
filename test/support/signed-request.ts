import { type RawRequest, type SignatureInput, signingKey, signOnePing } from '@sureping/engine';
import { ONE_PING_DELIVERED } from './one-ping-samples.ts';

export const SECRET = 'whsec_test';
/** Unix seconds of the signed requests. */
export const SIGNED_AT = 1_705_312_200;
export const NOW = SIGNED_AT * 1000;

export interface SignedRequest extends RawRequest {
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

/** A webhook request as One-Ping sends it. `body` is text to be signed as it is, or a payload. */
export function signedRequest(
	body: unknown = ONE_PING_DELIVERED,
	{ secret = SECRET, input = 'timestamped' as SignatureInput, now = NOW } = {},
): SignedRequest {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const headers = signOnePing(signingKey(secret), text, now, input);
	return {
		method: 'POST',
		url: '/webhook',
		headers: {
			'content-type': 'application/json',
			'x-oneping-signature': headers['X-OnePing-Signature'],
			'x-oneping-timestamp': headers['X-OnePing-Timestamp'],
		},
		body: Buffer.from(text),
	};
}
