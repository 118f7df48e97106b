import type { KeyObject } from 'node:crypto';
import { grouped } from '../grouped.ts';
import { isKeyedDigest } from './keyed-digest.ts';

type Pair = readonly [string, string];

/** A form's parameters as Twilio signs them: names and values without anything between, sorted, each pair once. */
export function twilioParameters(pairs: readonly Pair[]): string {
	const sorted = pairs.toSorted(byNameAndValue);
	let content = '';
	sorted.forEach((pair, i) => {
		const before = sorted[i - 1];
		// A value that came twice counts once.
		if (before === undefined || byNameAndValue(before, pair) !== 0) content += pair[0] + pair[1];
	});
	return content;
}

function byNameAndValue(a: Pair, b: Pair): number {
	const [x, y] = a[0] === b[0] ? [a[1], b[1]] : [a[0], b[0]];
	return x < y ? -1 : x > y ? 1 : 0;
}

/**
 * The content that has this signature: HMAC-SHA1, keyed with the account's auth token, of the URL in one of its spellings
 * and the parameters (https://www.twilio.com/docs/usage/webhooks/webhooks-security). Undefined when none has it.
 */
export function contentSignedByTwilio(
	{ url, parameters }: { readonly url: string; readonly parameters: string },
	keys: readonly KeyObject[],
	claimed: Uint8Array,
): string | undefined {
	for (const spelling of spellings(url)) {
		if (isKeyedDigest('sha1', keys, claimed, spelling, parameters)) return spelling + parameters;
	}
	return undefined;
}

/**
 * The URL in each spelling that Twilio's back ends sign: as received and as normalised, with and without the standard
 * port, and with the query in an older encoding (`validateRequest` of npm `twilio`).
 */
function* spellings(url: string): Generator<string> {
	// Tried first: nearly every request is signed for the URL exactly as called.
	yield url;
	const { href } = new URL(url);
	const ports = (form: string): string[] => [withoutPort(form), withPort(form)];
	const forms = new Set([...ports(url), ...ports(href), ...ports(href).map(withLegacyQuery)]);
	forms.delete(url);
	yield* forms;
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
	const query = [...grouped(pairs, ([name]) => name).values()]
		.flat()
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
	return `${url.slice(0, start)}?${query.join('&')}`;
}
