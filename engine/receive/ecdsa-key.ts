import { createPublicKey, type KeyObject } from 'node:crypto';

/** As in signing-key.ts: parsing a key costs more than a signature. */
const MOST_KEYS = 256;
const keys = new Map<string, KeyObject | undefined>();

/** A P-256 public key from PEM, or from the base64 of its SPKI as vendors show it; undefined when it is none. */
export function ecdsaKey(secret: string): KeyObject | undefined {
	if (keys.has(secret)) return keys.get(secret);
	const key = parsed(secret);
	if (keys.size >= MOST_KEYS) keys.clear();
	keys.set(secret, key);
	return key;
}

function parsed(secret: string): KeyObject | undefined {
	try {
		const key = createPublicKey(
			secret.includes('-----BEGIN')
				? secret
				: { key: Buffer.from(secret, 'base64'), format: 'der', type: 'spki' },
		);
		return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
	} catch {
		return undefined;
	}
}
