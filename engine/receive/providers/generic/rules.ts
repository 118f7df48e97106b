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
	events: path.optional().meta({
		description:
			'Path of the list of events, where a request holds several. Default: the payload itself is the event.',
		examples: ['items'],
	}),
	type: path.meta({ description: 'Path of the type of the event.', examples: ['data.status'] }),
	subtype: path.optional().meta({
		description:
			'Path of what narrows the type down; `types` may then name both, as in `bounce/greylisted`. Default: none.',
		examples: ['data.reason'],
	}),
	notificationId: path.meta({
		description: "Path of the provider's id of the message.",
		examples: ['data.id'],
	}),
	eventId: path.optional().meta({
		description: 'Path of the id of the event. Default: none.',
		examples: ['id'],
	}),
	channel: path.optional().meta({
		description: 'Path of the channel. Default: none.',
		examples: ['data.channel'],
	}),
	recipient: path.optional().meta({
		description: 'Path of the recipient. Default: none.',
		examples: ['data.to'],
	}),
	occurredAt: path.optional().meta({
		description: 'Path of the time of the event. Default: none.',
		examples: ['data.at'],
	}),
	bounceType: path.optional().meta({
		description: 'Path of what tells a hard bounce from a soft one. Default: none.',
		examples: ['data.class'],
	}),
	errorCode: path.optional().meta({
		description: 'Path of the error code. Default: none.',
		examples: ['data.code'],
	}),
	errorMessage: path.optional().meta({
		description: 'Path of the error message. Default: none.',
		examples: ['data.error'],
	}),
});

/** Rules for a provider that is not built in: its signature, and the places of its facts. */
export const genericRules = z.strictObject({
	algorithm: z
		.enum(['sha1', 'sha256', 'sha512', 'ed25519', 'none'])
		.describe(
			'Hash of the HMAC. `ed25519`: the secret is a public key. `none`: the header holds the secret itself.',
		),
	encoding: z
		.enum(['hex', 'base64', 'base64url'])
		.describe('Encoding of the signature in its header.'),
	signatureHeader: headerName.meta({
		description: 'Header with the signature.',
		examples: ['X-Signature'],
	}),
	signaturePrefix: z
		.string()
		.optional()
		.meta({
			description: 'Text before the signature in its header. Default: none.',
			examples: ['sha256='],
		}),
	signaturePart: partName.optional().meta({
		description:
			'Name of the signature, where its header is a list such as `t=1700000000,v1=…`; one valid signature suffices. Default: none.',
		examples: ['v1'],
	}),
	timestampPart: partName.optional().meta({
		description: 'Name of the signing time in the same list. Default: none.',
		examples: ['t'],
	}),
	timestampHeader: headerName.optional().meta({
		description:
			'Header with the signing time, in seconds or milliseconds since 1970. Default: none.',
		examples: ['X-Timestamp'],
	}),
	idHeader: headerName.optional().meta({
		description: 'Header with the id of the request. Default: none.',
		examples: ['X-Request-Id'],
	}),
	signedContent: z.string().meta({
		description:
			'Text that is signed, with `{body}`, `{timestamp}`, `{id}`, `{url}` and `{method}` as placeholders.',
		examples: ['{timestamp}.{body}'],
	}),
	secretEncoding: z
		.enum(['utf8', 'hex', 'base64'])
		.describe('Encoding of the secret, from which the key is made.'),
	fields: fields.describe('Paths in the payload, such as `data.status`.'),
	types: z
		.object({})
		.catchall(z.string())
		.meta({
			description: "Meaning of the provider's own event types.",
			examples: [{ ok: 'notification.delivered', dead: 'notification.failed' }],
		}),
	bounceTypes: z
		.object({})
		.catchall(z.enum(['hard', 'soft'], 'is neither hard nor soft'))
		.optional()
		.meta({
			description:
				"Meaning of the provider's own words for a bounce. Default: `hard` and `soft` mean themselves.",
			examples: [{ permanent: 'hard', transient: 'soft' }],
		}),
});

export type GenericRules = z.infer<typeof genericRules>;
export type GenericFields = GenericRules['fields'];

const PLACES = ['body', 'timestamp', 'id', 'url', 'method'] as const;
export type SignedPlace = (typeof PLACES)[number];

/** A piece of the signed content: a literal text, or a placeholder. */
export type SignedPiece = { readonly text: string } | { readonly place: SignedPlace };

/** The template in its pieces. Text that only looks like a place stays text. */
export function signedPieces(template: string): readonly SignedPiece[] {
	const pieces = template.split(/(\{\w+\})/).filter((piece) => piece !== '');
	return pieces.map((piece) => {
		const place = PLACES.find((name) => piece === `{${name}}`);
		return place ? { place } : { text: piece };
	});
}

/** The first mistake in rules, in words for their author; undefined when there is none. */
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
 * True when the body has another place right beside it. JSON ends where its outermost bracket closes, and a part of it,
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
