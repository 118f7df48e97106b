import { isSignedStandardWebhook, readSignatures } from '../../signing/standard-webhooks.ts';
import { type RawRequest, refuse, type Verification } from './verification.ts';
import type { ReceiveOptions } from '../options.ts';
import { refuseTimestamp } from './timestamp.ts';

/** The names of the three headers, in lower case. */
export interface StandardWebhooksHeaders {
	readonly id: string;
	readonly timestamp: string;
	readonly signature: string;
}

export const WEBHOOK_HEADERS: StandardWebhooksHeaders = {
	id: 'webhook-id',
	timestamp: 'webhook-timestamp',
	signature: 'webhook-signature',
};

const SVIX_HEADERS: StandardWebhooksHeaders = {
	id: 'svix-id',
	timestamp: 'svix-timestamp',
	signature: 'svix-signature',
};

/** Svix signs with either set of names (https://docs.svix.com/receiving/verifying-payloads/how-manual). */
export function svixHeaders({ headers }: RawRequest): StandardWebhooksHeaders {
	return headers['svix-signature'] === undefined && headers['webhook-signature'] !== undefined
		? WEBHOOK_HEADERS
		: SVIX_HEADERS;
}

/**
 * Verifies `{id}.{timestamp}.{raw body}` against a list of signatures, of which one valid one suffices: `v1` is
 * HMAC-SHA256 with a `whsec_` secret, `v1a` ed25519 with a `whpk_` public key, other versions are skipped
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme").
 * A key never verifies the other version. The id is part of what is signed, so it identifies the event.
 */
export function verifyStandardWebhooks(
	names: StandardWebhooksHeaders,
	request: RawRequest,
	secrets: readonly string[],
	{ now, toleranceS }: ReceiveOptions,
): Verification {
	const { headers, body } = request;
	const id = headers[names.id];
	const timestamp = headers[names.timestamp];
	const signature = headers[names.signature];
	if (!id || !timestamp || !signature) return refuse('missing_header');
	if (typeof signature !== 'string') return refuse('malformed_signature');
	// A full stop in the id would let the end of an id pass for a timestamp (the same document).
	if (typeof id !== 'string' || id.includes('.')) return refuse('malformed_signature');
	if (typeof timestamp !== 'string') return refuse('bad_timestamp');
	const untimely = refuseTimestamp(timestamp, now, toleranceS);
	if (untimely) return refuse(untimely);

	const signatures = readSignatures(signature);
	if (!signatures) return refuse('malformed_signature');
	const genuine = isSignedStandardWebhook(secrets, { id, timestamp, body }, signatures);
	return genuine
		? { ok: true, request, id, signedAt: Number(timestamp) * 1000 }
		: refuse('bad_signature');
}
