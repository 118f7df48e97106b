import { createHash, createHmac } from 'node:crypto';
import { signingKey } from '../signing-key.ts';
import { sameBytes } from './compare.ts';
import { parseForm } from './form.ts';
import { type RawRequest, refuse, type Verification } from './received.ts';

/**
 * Verifies `X-Twilio-Signature`: base64 HMAC-SHA1, keyed with the account's auth token, of the URL that was called and,
 * for a form, of every parameter's name and value, sorted by name. A JSON body is covered by its SHA-256 in the URL's
 * `bodySHA256` (https://www.twilio.com/docs/usage/webhooks/webhooks-security). Nothing tells how old a request is.
 */
export function verifyTwilio(request: RawRequest, secrets: readonly string[]): Verification {
	const { url, body, headers } = request;
	const signature = headers['x-twilio-signature'];
	if (signature === undefined) return refuse('missing_header');
	if (typeof signature !== 'string' || !/^[A-Za-z0-9+/]{27}=$/.test(signature)) {
		return refuse('malformed_signature');
	}
	const address = parsed(url);
	if (!address) return refuse('bad_signature');
	const parameters = address.searchParams.has('bodySHA256')
		? hashedBody(body, address.searchParams.getAll('bodySHA256'))
		: signedForm(body);
	if (parameters === undefined) return refuse('bad_signature');

	const claimed = Buffer.from(signature, 'base64');
	const forms = spellings(url, address);
	const genuine = secrets.some(
		(secret) =>
			secret !== '' &&
			forms.some((form) =>
				sameBytes(
					claimed,
					createHmac('sha1', signingKey(secret))
						.update(form + parameters)
						.digest(),
				),
			),
	);
	return genuine ? { ok: true, request } : refuse('bad_signature');
}

/** Nothing more to sign where the URL carries the hash of this body. */
function hashedBody(body: Uint8Array, [hash = '', ...others]: readonly string[]): '' | undefined {
	const expected = createHash('sha256').update(body).digest();
	const claimed = Buffer.from(/^[0-9a-f]{64}$/i.test(hash) ? hash : '', 'hex');
	return others.length === 0 && sameBytes(claimed, expected) ? '' : undefined;
}

/** A name as Twilio writes it: `MessageSid`, `MediaUrl0`, `SipHeader_X-Id`. */
const NAME = /^[A-Z][\w-]*$/;

/**
 * A form's parameters as they are signed. The scheme puts nothing between names and values, so that `a=bc` and `ab=c`
 * have the same signature; requiring names as Twilio writes them leaves a forger no way to move that border unseen.
 */
function signedForm(body: Uint8Array): string | undefined {
	const pairs = parseForm(body);
	if (!pairs?.every(([name]) => NAME.test(name))) return undefined;
	const byName = Map.groupBy(pairs, ([name]) => name);
	return [...byName.keys()]
		.sort()
		.flatMap((name) => {
			const values = new Set((byName.get(name) ?? []).map(([, value]) => value));
			return [...values].sort().map((value) => name + value);
		})
		.join('');
}

/**
 * The URL in each spelling that Twilio's back ends sign: as received and as normalised, with and without the standard
 * port, and with the query in an older encoding (`validateRequest` of npm `twilio`).
 */
function spellings(url: string, { href }: URL): readonly string[] {
	const ports = (form: string): string[] => [withoutPort(form), withPort(form)];
	const forms = new Set([...ports(url), ...ports(href), ...ports(href).map(withLegacyQuery)]);
	return [...forms];
}

interface Parts {
	readonly scheme: string;
	readonly userInfo: string;
	readonly host: string;
	readonly port: string;
	readonly rest: string;
}

/** Splits a URL without changing a character of it, which `URL` would. */
function parts(url: string): Parts | undefined {
	const [, scheme, userInfo = '', host, port = '', rest] =
		/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(:[^/?#]*)?(.*)$/is.exec(url) ??
		[];
	return scheme === undefined || host === undefined || rest === undefined
		? undefined
		: { scheme, userInfo, host, port, rest };
}

function withoutPort(url: string): string {
	const found = parts(url);
	return found ? found.scheme + found.userInfo + found.host + found.rest : url;
}

function withPort(url: string): string {
	const found = parts(url);
	if (!found || found.port !== '') return url;
	const port = found.scheme.toLowerCase() === 'https://' ? ':443' : ':80';
	return found.scheme + found.userInfo + found.host + port + found.rest;
}

/** As Node's `querystring` reads and writes it, which leaves `'` as it is and puts equal names side by side. */
function withLegacyQuery(url: string): string {
	const start = url.indexOf('?');
	if (start === -1 || start === url.length - 1) return url;
	const pairs = [...new URLSearchParams(url.slice(start + 1))];
	const query = [...Map.groupBy(pairs, ([name]) => name).values()]
		.flat()
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
	return `${url.slice(0, start)}?${query.join('&')}`;
}

function parsed(url: string): URL | undefined {
	return URL.canParse(url) ? new URL(url) : undefined;
}
