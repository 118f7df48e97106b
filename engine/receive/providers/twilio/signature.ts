import { signingKey } from '../../../signing/keys.ts';
import { parseForm } from '../../parse/form.ts';
import { isHashOf } from '../../verify/hash-claim.ts';
import { contentSignedByTwilio, twilioParameters } from '../../../signing/twilio.ts';
import { type RawRequest, refuse, type Verification } from '../../verify/verification.ts';

/**
 * Verifies `X-Twilio-Signature`: base64 HMAC-SHA1, keyed with the account's auth token, of the URL that was called and,
 * for a form, of every parameter's name and value, sorted by name. A JSON body is covered by its SHA-256 in the URL's
 * `bodySHA256` (https://www.twilio.com/docs/usage/webhooks/webhooks-security). A request has no timestamp.
 */
export function verifyTwilio(request: RawRequest, secrets: readonly string[]): Verification {
	const { url, body, headers } = request;
	const signature = headers['x-twilio-signature'];
	if (signature === undefined) return refuse('missing_header');
	if (typeof signature !== 'string' || !/^[A-Za-z0-9+/]{27}=$/.test(signature)) {
		return refuse('malformed_signature');
	}
	const address = URL.parse(url);
	// No request has a fragment (RFC 9112 §3.2): it could only hide from us what was signed.
	if (!address || url.includes('#')) return refuse('bad_signature');
	const parameters = isJsonSigned(request) ? hashedBody(body, address) : signedForm(body);
	if (parameters === undefined) return refuse('bad_signature');
	// A form that ends like the hash of a body could have been cut out of such a URL.
	if (parameters !== '' && HASH_AT_END.test(url + parameters)) return refuse('bad_signature');

	const claimed = Buffer.from(signature, 'base64');
	const keys = secrets.filter((secret) => secret !== '').map(signingKey);
	const signed = contentSignedByTwilio({ url, parameters }, keys, claimed);
	return signed === undefined ? refuse('bad_signature') : { ok: true, request, signed };
}

const BODY_HASH = 'bodySHA256';
const HASH_AT_END = /[?&]bodySHA256=[0-9a-f]{64}$/i;

/** Twilio covers JSON by its hash in the URL, and everything else by its parameters. */
export function isJsonSigned({ url }: RawRequest): boolean {
	return url.includes(BODY_HASH);
}

/**
 * Nothing more to sign where the URL carries the hash of this body. It must be all that the URL ends with, as Twilio
 * puts it: a form is signed with its parameters right behind its URL, and so a form with a hash in its text could be
 * made part of a URL with the same signature.
 */
function hashedBody(body: Uint8Array, { href, searchParams }: URL): '' | undefined {
	const hash = HASH_AT_END.exec(href)?.[0].slice(-64);
	const single = searchParams.getAll(BODY_HASH).length === 1;
	return single && isHashOf(hash, body) ? '' : undefined;
}

/**
 * A form's parameters as they are signed. The scheme puts nothing between names and values, so that `A=bc` and `Ab=c`
 * have the same signature, and a replay can move that border. Every such form has the same `signed`, from which the
 * event's id is made, so a replay is recognised as a repeat.
 */
function signedForm(body: Uint8Array): string | undefined {
	const pairs = parseForm(body);
	return pairs && twilioParameters(pairs);
}
