import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import type { GenericFields, GenericRules } from '../../engine/receive/index.ts';

/** The choices of the node's parameters, in the engine's words. */
const ALGORITHMS = ['sha256', 'sha1', 'sha512', 'none'] as const;
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;
const SECRET_ENCODINGS = ['utf8', 'base64', 'hex'] as const;
const BOUNCE_TYPES = ['hard', 'soft'] as const;

/** The rules from the parameters of the generic provider. */
export function genericRules(context: IWebhookFunctions): GenericRules {
	const text = (name: string): string => String(context.getNodeParameter(name, '')).trim();
	const header = (name: string): string => text(name).toLowerCase();
	const signaturePrefix = text('genericSignaturePrefix');
	const signaturePart = text('genericSignaturePart');
	const timestampPart = text('genericTimestampPart');
	const timestampHeader = header('genericTimestampHeader');
	const idHeader = header('genericIdHeader');
	return {
		algorithm: oneOf(ALGORITHMS, text('genericAlgorithm')),
		encoding: oneOf(ENCODINGS, text('genericEncoding')),
		signatureHeader: header('genericSignatureHeader'),
		...(signaturePrefix ? { signaturePrefix } : {}),
		...(signaturePart ? { signaturePart } : {}),
		...(timestampPart ? { timestampPart } : {}),
		...(timestampHeader ? { timestampHeader } : {}),
		...(idHeader ? { idHeader } : {}),
		signedContent: text('genericSignedContent') || '{body}',
		secretEncoding: oneOf(SECRET_ENCODINGS, text('genericSecretEncoding')),
		fields: genericFields(context.getNodeParameter('genericFields', {}) as IDataObject), // a collection
		types: genericWords(context.getNodeParameter('genericTypes', {}) as IDataObject), // a fixedCollection
		bounceTypes: bounceTypes(context.getNodeParameter('genericBounceTypes', {}) as IDataObject), // likewise
	};
}

/** Only the given paths are read, besides the two that every event has. */
function genericFields(given: IDataObject): GenericFields {
	const paths = Object.entries(given)
		.map(([name, path]) => [name, String(path ?? '').trim()] as const)
		.filter(([, path]) => path !== '');
	return { type: 'type', notificationId: 'id', ...Object.fromEntries(paths) };
}

function bounceTypes(given: IDataObject): Record<string, 'hard' | 'soft'> {
	const pairs = Object.entries(genericWords(given));
	return Object.fromEntries(pairs.map(([word, type]) => [word, oneOf(BOUNCE_TYPES, type)]));
}

/** The sender's words and their meanings. */
function genericWords({ values }: IDataObject): Record<string, string> {
	if (!Array.isArray(values)) return {};
	const pairs = (values as IDataObject[]).map(({ providerEvent, type }) => [
		String(providerEvent ?? '').trim(),
		String(type ?? ''),
	]);
	return Object.fromEntries(pairs);
}

/** The first choice if a saved workflow holds something else. */
function oneOf<Choice extends string>(
	choices: readonly [Choice, ...Choice[]],
	value: string,
): Choice {
	return choices.find((choice) => choice === value) ?? choices[0];
}
