import { signingKey } from '../../signing/keys.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { isKeyedDigest } from '../../signing/keyed-digest.ts';
import { refuse, type Rejection, type RejectionReason } from './verification.ts';

/** The HMAC algorithms of RFC 7518 §3.2. There is no other way to sign a token here, `none` least of all. */
const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;
export type HmacAlgorithm = keyof typeof DIGESTS;

export interface ProvenToken {
	readonly ok: true;
	/** The token's claims, not checked yet; only the signature is. */
	readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Proves that a JWT (RFC 7519) in compact form was signed with one of the secrets, by one of the algorithms that its
 * sender uses. The token's `alg` only chooses among those: it never makes a secret a key of another kind.
 */
export function verifyToken(
	token: string,
	secrets: readonly string[],
	algorithms: readonly HmacAlgorithm[],
): ProvenToken | Rejection {
	const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token.trim());
	if (!match) return refuse('malformed_signature');
	const [, header = '', payload = '', signature = ''] = match;
	const algorithm = algorithmOf(header, algorithms);
	const claims = parseJson(Buffer.from(payload, 'base64url'));
	if (!algorithm || !isObject(claims)) return refuse('malformed_signature');

	const claimed = Buffer.from(signature, 'base64url');
	const keys = secrets.filter(isHmacSecret).map(signingKey);
	return isKeyedDigest(DIGESTS[algorithm], keys, claimed, `${header}.${payload}`)
		? { ok: true, claims }
		: refuse('bad_signature');
}

/**
 * The algorithm that the token's header asks for, where it is allowed. `crit` names rules that we do not know (RFC 7515
 * §4.1.11).
 */
function algorithmOf(
	header: string,
	algorithms: readonly HmacAlgorithm[],
): HmacAlgorithm | undefined {
	const fields = parseJson(Buffer.from(header, 'base64url'));
	if (!isObject(fields) || Object.hasOwn(fields, 'crit')) return undefined;
	return algorithms.find((algorithm) => algorithm === fields.alg);
}

/** A public key is public, so one that was given as the secret must not become the key of an HMAC (RFC 8725 §2.1). */
function isHmacSecret(secret: string): boolean {
	return secret !== '' && !secret.trimStart().startsWith('-----BEGIN ');
}

/**
 * The reason for which a token cannot be used at this time, by its own `nbf` and `exp` where it has them (RFC 7519
 * §4.1.4 and §4.1.5): seconds since 1970. `now` is in milliseconds; `skewS` is how far the two clocks may be apart.
 */
export function refuseTokenTime(
	{ exp, nbf }: ProvenToken['claims'],
	now: number,
	skewS: number,
): RejectionReason | undefined {
	const nowS = Math.floor(now / 1000);
	for (const time of [exp, nbf]) {
		if (time !== undefined && !Number.isFinite(time)) return 'bad_timestamp';
	}
	if (typeof exp === 'number' && exp <= nowS - skewS) return 'stale';
	if (typeof nbf === 'number' && nbf > nowS + skewS) return 'future';
	return undefined;
}
