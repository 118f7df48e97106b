import { z } from 'zod/v4';
import { isReceivedType } from '../../../vocabulary.ts';

const headerName = z
	.string()
	.regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of a header (RFC 9110 §5.1)')
	.transform((name) => name.toLowerCase());
const partName = z.string().regex(/^[\w.-]+$/, 'is not a name such as v1');
/** Its steps are names, places in a list, and `*` for the only member of an object. */
const path = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'is not a path such as data.status');

const fields = z.strictObject({
	/** Where the list of events is, when a request has many; left out for the payload itself. */
	events: path.optional(),
	type: path,
	/** What says more about the type; `types` may then name both, as in `bounce/greylisted`. */
	subtype: path.optional(),
	notificationId: path,
	eventId: path.optional(),
	channel: path.optional(),
	recipient: path.optional(),
	occurredAt: path.optional(),
	/** What tells a hard bounce from a soft one. */
	bounceType: path.optional(),
	errorCode: path.optional(),
	errorMessage: path.optional(),
});

/** How a provider that we do not know signs its webhooks, and where it puts what. */
export const genericRules = z.strictObject({
	/** Of the HMAC; `ed25519` when secrets are public keys; `none` compares the header with the secret itself. */
	algorithm: z.enum(['sha1', 'sha256', 'sha512', 'ed25519', 'none']),
	/** Of the signature in its header. */
	encoding: z.enum(['hex', 'base64', 'base64url']),
	/** The header that carries the signature. */
	signatureHeader: headerName,
	/** What stands before the signature in its header, such as `sha256=`. */
	signaturePrefix: z.string().optional(),
	/** Where that header is a list such as `t=1700000000,v1=…`: the name of the signature in it. Any of several will do. */
	signaturePart: partName.optional(),
	/** The name of the time of signing in the same list, in place of a header of its own. */
	timestampPart: partName.optional(),
	/** The header with the time of signing, where there is one: seconds or milliseconds since 1970. */
	timestampHeader: headerName.optional(),
	/** The header with the id of the request, where there is one. */
	idHeader: headerName.optional(),
	/** What is signed, with `{body}`, `{timestamp}`, `{id}`, `{url}` and `{method}` in their places; of no use to `none`. */
	signedContent: z.string(),
	/** How the secret becomes the key. */
	secretEncoding: z.enum(['utf8', 'hex', 'base64']),
	/** Paths in the payload such as `data.status`. */
	fields,
	/** What its own words for an event mean, such as `{ "ok": "notification.delivered" }`. */
	types: z.object({}).catchall(z.string()),
	/** What its own words for a bounce mean, such as `{ "true": "hard", "false": "soft" }`. */
	bounceTypes: z
		.object({})
		.catchall(z.enum(['hard', 'soft'], 'is neither hard nor soft'))
		.optional(),
});

export type GenericRules = z.infer<typeof genericRules>;
export type GenericFields = GenericRules['fields'];

const PLACES = ['body', 'timestamp', 'id', 'url', 'method'] as const;
export type SignedPlace = (typeof PLACES)[number];

/** A piece of what is signed: a text as it stands, or a place to be filled. */
export type SignedPiece = { readonly text: string } | { readonly place: SignedPlace };

/** The template in its pieces. Text that only looks like a place stays text. */
export function signedPieces(template: string): readonly SignedPiece[] {
	const pieces = template.split(/(\{\w+\})/).filter((piece) => piece !== '');
	return pieces.map((piece) => {
		const place = PLACES.find((name) => piece === `{${name}}`);
		return place ? { place } : { text: piece };
	});
}

/** What is wrong with rules that somebody wrote, in words for them; undefined when nothing is. */
export function refuseGenericRules(rules: unknown): string | undefined {
	const parsed = genericRules.safeParse(rules);
	if (!parsed.success) {
		const mistakes = parsed.error.issues.map((issue) =>
			[issue.path.join('.'), issue.message].filter(Boolean).join(': '),
		);
		return mistakes.join('; ');
	}
	const { data } = parsed;
	return refuseParts(data) ?? refuseSignedContent(data) ?? refuseTypes(data);
}

function refuseParts(rules: GenericRules): string | undefined {
	const { algorithm, signaturePart, timestampPart, timestampHeader } = rules;
	if (signaturePart !== undefined && algorithm === 'none') {
		return 'signaturePart: with the algorithm "none" the header holds the secret itself, not a list';
	}
	if (timestampPart === undefined) return undefined;
	if (signaturePart === undefined) return 'timestampPart: is in the same list as a signaturePart';
	if (timestampHeader !== undefined) {
		return 'timestampPart: the time is either in a list or in a timestampHeader';
	}
	return timestampPart === signaturePart
		? 'timestampPart: is the name of the signature already'
		: undefined;
}

function refuseSignedContent(rules: GenericRules): string | undefined {
	const { algorithm, signedContent, timestampHeader, timestampPart, idHeader } = rules;
	if (algorithm === 'none') {
		return timestampHeader === undefined
			? undefined
			: 'timestampHeader: with the algorithm "none" nothing is signed, so the timestamp could be anybody’s';
	}
	const timed =
		timestampHeader === undefined ? timestampPart && 'timestampPart' : 'timestampHeader';
	const pieces = signedPieces(signedContent);
	const has = (name: SignedPlace): boolean =>
		pieces.some((piece) => 'place' in piece && piece.place === name);
	const unknown = pieces.find((piece) => 'text' in piece && /^\{\w+\}$/.test(piece.text));
	if (unknown && 'text' in unknown) {
		const places = PLACES.map((name) => `{${name}}`).join(', ');
		return `signedContent: ${unknown.text} is not one of ${places}`;
	}
	if (!has('body')) return 'signedContent: {body} is missing, so anybody could change the body';
	if (has('timestamp') && timed === undefined) {
		return 'signedContent: {timestamp} needs a timestampHeader, or a timestampPart';
	}
	if (!has('timestamp') && timed !== undefined) {
		return `${timed}: {timestamp} is missing in signedContent, so anybody could change the timestamp`;
	}
	if (has('id') && idHeader === undefined) return 'signedContent: {id} needs an idHeader';
	const [before, after] = openBorder(pieces) ?? [];
	if (before !== undefined && after !== undefined) {
		return `signedContent: without a text between {${before}} and {${after}}, what is signed tells nobody where the one ends`;
	}
	if (algorithm === 'ed25519' && rules.secretEncoding === 'utf8') {
		return 'secretEncoding: an ed25519 public key is 32 bytes, written as hex or base64';
	}
	return undefined;
}

/** Neighbours of which one tells by its form where it ends; a body must then be JSON (see `bodyAdjoins`). */
const CLEAR_BORDERS: readonly `${SignedPlace}-${SignedPlace}`[] = [
	'method-url',
	'timestamp-body',
	'body-timestamp',
	'url-body',
	'body-url',
];

/** Two places side by side whose border a forger could draw anew: digits of an id would do for digits of a timestamp. */
function openBorder(
	pieces: readonly SignedPiece[],
): readonly [SignedPlace, SignedPlace] | undefined {
	return neighbours(pieces).find(
		([before, after]) => !CLEAR_BORDERS.some((border) => border === `${before}-${after}`),
	);
}

function neighbours(pieces: readonly SignedPiece[]): readonly [SignedPlace, SignedPlace][] {
	return pieces.flatMap((piece, i) => {
		const next = pieces[i + 1];
		return 'place' in piece && next && 'place' in next ? [[piece.place, next.place]] : [];
	});
}

/**
 * Whether the body has another place right beside it. JSON ends where its outermost bracket closes, and a part of it,
 * with an odd number of quotes or brackets, is none: so it alone may stand there.
 */
export function bodyAdjoins(pieces: readonly SignedPiece[]): boolean {
	return neighbours(pieces).some((pair) => pair.includes('body'));
}

/** The text that stands behind a place, which then tells where its value ends; '' where none does. */
export function textBehind(pieces: readonly SignedPiece[], place: SignedPlace): string {
	const next = pieces[pieces.findIndex((piece) => 'place' in piece && piece.place === place) + 1];
	return next && 'text' in next ? next.text : '';
}

function refuseTypes({ types }: GenericRules): string | undefined {
	const wrong = Object.entries(types).find(([, type]) => !isReceivedType(type));
	return (
		wrong && `types.${wrong[0]}: "${wrong[1]}" is not an event type such as notification.delivered`
	);
}
