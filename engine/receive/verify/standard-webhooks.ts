import { type KeyObject, verify as verifySignature } from 'node:crypto';
import { standardWebhooksKey } from '../../signing/keys.ts';
import { isKeyedDigest } from '../../signing/keyed-digest.ts';
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

/** A sender has one signature for each of its keys, and rotates few. */
const MOST_SIGNATURES = 16;

/** Each ed25519 signature costs a pass over the body, where HMACs share one. */
const MOST_ED25519 = 4;

/** 32 bytes of HMAC and 64 of ed25519 in base64 as it must be written: whole, padded, without stray bits. */
const V1 = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;
const V1A = /^v1a,([A-Za-z0-9+/]{85}[AQgw]==)$/;

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

	const entries = signature.split(' ', MOST_SIGNATURES + 1);
	if (entries.length > MOST_SIGNATURES) return refuse('malformed_signature');
	const digests = claimed(entries, V1);
	const signatures = claimed(entries, V1A);
	if (digests.length + signatures.length === 0 || signatures.length > MOST_ED25519) {
		return refuse('malformed_signature');
	}

	const before = `${id}.${timestamp}.`;
	const genuine = secrets.some((secret) => {
		const key = standardWebhooksKey(secret);
		if (!key) return false;
		return key.type === 'secret'
			? digests.length > 0 && isKeyedDigest('sha256', [key], digests, before, body)
			: signatures.length > 0 && isEd25519(key, before, body, signatures);
	});
	return genuine
		? { ok: true, request, id, signedAt: Number(timestamp) * 1000 }
		: refuse('bad_signature');
}

function claimed(entries: readonly string[], form: RegExp): readonly Buffer[] {
	const found: Buffer[] = [];
	for (const entry of entries) {
		const base64 = form.exec(entry)?.[1];
		if (base64 !== undefined) found.push(Buffer.from(base64, 'base64'));
	}
	return found;
}

function isEd25519(
	key: KeyObject,
	before: string,
	body: Uint8Array,
	signatures: readonly Uint8Array[],
): boolean {
	const signed = Buffer.concat([Buffer.from(before), body]);
	return signatures.some((signature) => verifySignature(null, signed, key, signature));
}
