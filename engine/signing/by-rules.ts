import { createSecretKey, type KeyObject, verify } from 'node:crypto';
import { isKeyedDigest } from './keyed-digest.ts';
import { signingKey, standardWebhooksKey } from './keys.ts';

/** A signature scheme as data, for senders that we do not know. */
export interface SignatureRules {
	/** `ed25519`: secrets are public keys. */
	readonly algorithm: 'sha1' | 'sha256' | 'sha512' | 'ed25519';
	/** The encoding of the signature in its header. */
	readonly encoding: 'hex' | 'base64' | 'base64url';
	/** The encoding of the key in a secret. */
	readonly secretEncoding: 'utf8' | 'hex' | 'base64';
}

/** Most ed25519 signatures that are tried: each costs a pass over the content, while HMACs share one. */
const MOST_ED25519 = 4;

/** Decodes a header's signatures and leaves out malformed ones; undefined when none is left, or more than a sender needs. */
export function decodeSignatures(
	signatures: readonly string[],
	{ algorithm, encoding }: SignatureRules,
): readonly Buffer[] | undefined {
	const found = signatures.flatMap((one) => decoded(one, encoding) ?? []);
	const most = algorithm === 'ed25519' ? MOST_ED25519 : Infinity;
	return found.length === 0 || found.length > most ? undefined : found;
}

/** True when one of the secrets made one of the signatures over the content, its pieces one after the other. */
export function isSignedByRules(
	{ algorithm, secretEncoding }: SignatureRules,
	secrets: readonly string[],
	signatures: readonly Uint8Array[],
	content: readonly (string | Uint8Array)[],
): boolean {
	const usable = secrets.filter((secret) => secret !== '');
	if (algorithm === 'ed25519') {
		const whole = Buffer.concat(content.map((piece) => Buffer.from(piece)));
		const keys = usable.map((secret) => publicKeyOf(secret, secretEncoding));
		return keys.some(
			(key) =>
				key !== undefined && signatures.some((signature) => verify(null, whole, key, signature)),
		);
	}
	const keys = usable.map((secret) => hmacKeyOf(secret, secretEncoding));
	const known = keys.filter((key) => key !== undefined);
	return isKeyedDigest(algorithm, known, signatures, ...content);
}

type KeyEncoding = SignatureRules['secretEncoding'];

function hmacKeyOf(secret: string, encoding: KeyEncoding): KeyObject | undefined {
	if (encoding === 'utf8') return signingKey(secret);
	const bytes = decoded(secret, encoding);
	// A text such as `A` is base64 of nothing, and a stranger could sign with an empty key.
	return bytes && bytes.length > 0 ? createSecretKey(bytes) : undefined;
}

function publicKeyOf(secret: string, encoding: KeyEncoding): KeyObject | undefined {
	const bytes = encoding === 'utf8' ? undefined : decoded(secret, encoding);
	return bytes && standardWebhooksKey(`whpk_${bytes.toString('base64')}`);
}

const FORMS = {
	hex: /^([0-9a-f]{2})+$/i,
	base64: /^[A-Za-z0-9+/]+={0,2}$/,
	base64url: /^[\w-]+={0,2}$/,
};

function decoded(text: string, encoding: keyof typeof FORMS): Buffer | undefined {
	return FORMS[encoding].test(text) ? Buffer.from(text, encoding) : undefined;
}
