import { createHmac, createSecretKey, type KeyObject, verify } from 'node:crypto';
import { memoized } from '../memoized.ts';
import { isKeyedDigest } from './keyed-digest.ts';
import { standardWebhooksKey } from './keys.ts';

/**
 * Standard Webhooks 1.0.0, "Signature scheme": base64 HMAC-SHA256 (`v1`) or ed25519 (`v1a`) of `id.timestamp.body`
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Svix signs the same way.
 */
export interface StandardWebhook {
	readonly id: string;
	/** Unix seconds. */
	readonly timestamp: string;
	readonly body: string | Uint8Array;
}

const headOf = ({ id, timestamp }: StandardWebhook): string => `${id}.${timestamp}.`;

/** The signature header: one `v1` signature for each secret, separated by spaces. */
export function signStandardWebhook(secrets: readonly string[], webhook: StandardWebhook): string {
	const signatures = secrets.map((secret) => {
		const hmac = createHmac('sha256', hmacKey(secret)).update(headOf(webhook)).update(webhook.body);
		return `v1,${hmac.digest('base64')}`;
	});
	return signatures.join(' ');
}

const PREFIX = 'whsec_';

/** True for `whsec_` and base64 that every receiver's library reads; the prefix may be missing. */
export function isStandardWebhooksSecret(secret: string): boolean {
	return keyBytes(secret) !== undefined;
}

function keyBytes(secret: string): Buffer | undefined {
	const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
	const bytes = Buffer.from(text, 'base64');
	// Receivers' libraries are stricter about base64 than Node.
	return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

const hmacKey = memoized((secret: string): KeyObject => {
	const bytes = keyBytes(secret);
	if (!bytes) throw new Error('A secret that isStandardWebhooksSecret refuses was let through');
	return createSecretKey(bytes);
});

/** A sender has one signature for each of its keys, and rotates few. */
const MOST_SIGNATURES = 16;

/** Each ed25519 signature costs a pass over the body, while HMACs share one. */
const MOST_ED25519 = 4;

/** 32 bytes of HMAC and 64 of ed25519 in base64 as it must be written: whole, padded, without stray bits. */
const V1 = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;
const V1A = /^v1a,([A-Za-z0-9+/]{85}[AQgw]==)$/;

/** The signatures of one header, by version. */
export interface Signatures {
	readonly v1: readonly Buffer[];
	readonly v1a: readonly Buffer[];
}

/** Reads a signature header and skips other versions. Undefined when it has no signature, or more than a sender needs. */
export function readSignatures(header: string): Signatures | undefined {
	const entries = header.split(' ', MOST_SIGNATURES + 1);
	if (entries.length > MOST_SIGNATURES) return undefined;
	const [v1, v1a] = [claimed(entries, V1), claimed(entries, V1A)];
	return v1.length + v1a.length === 0 || v1a.length > MOST_ED25519 ? undefined : { v1, v1a };
}

function claimed(entries: readonly string[], form: RegExp): readonly Buffer[] {
	const found: Buffer[] = [];
	for (const entry of entries) {
		const base64 = form.exec(entry)?.[1];
		if (base64 !== undefined) found.push(Buffer.from(base64, 'base64'));
	}
	return found;
}

/**
 * True when one of the secrets made one of the signatures: `v1` by a `whsec_` secret, `v1a` by a `whpk_` public key. A
 * key never verifies the other version.
 */
export function isSignedStandardWebhook(
	secrets: readonly string[],
	webhook: StandardWebhook,
	{ v1, v1a }: Signatures,
): boolean {
	return secrets.some((secret) => {
		const key = standardWebhooksKey(secret);
		if (!key) return false;
		return key.type === 'secret'
			? v1.length > 0 && isKeyedDigest('sha256', [key], v1, headOf(webhook), webhook.body)
			: v1a.length > 0 && isEd25519(key, webhook, v1a);
	});
}

function isEd25519(
	key: KeyObject,
	webhook: StandardWebhook,
	signatures: readonly Uint8Array[],
): boolean {
	const signed = Buffer.concat([Buffer.from(headOf(webhook)), bytesOf(webhook.body)]);
	return signatures.some((signature) => verify(null, signed, key, signature));
}

function bytesOf(body: string | Uint8Array): Uint8Array {
	return typeof body === 'string' ? Buffer.from(body) : body;
}
