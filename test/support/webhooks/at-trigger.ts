import { type GenericRules, PROVIDERS } from '@sureping/engine';
import type { ICredentialDataDecryptedObject, INodeParameters } from 'n8n-workflow';
import type { Scene, SceneRequest } from './scene.ts';

/** The credential types whose secret has a name of its own, with that field and the one of the secret before it. */
const CREDENTIALS: Readonly<Partial<Record<string, readonly [string, string, string]>>> = {
	'one-ping': ['onePingApi', 'webhookSecret', 'previousWebhookSecret'],
	onepush: ['onePushApi', 'webhookSecret', 'previousWebhookSecret'],
	notificationapi: ['notificationApiApi', 'webhookToken', 'previousWebhookToken'],
	pingram: ['pingramApi', 'webhookSecret', 'previousWebhookSecret'],
	otpiq: ['otpiqApi', 'webhookSecret', 'previousWebhookSecret'],
};

/** The credential with which the trigger verifies a scene. */
export function sceneCredential(
	{ provider, secret }: Scene,
	secrets: { readonly secret?: string; readonly previous?: string } = {},
): { readonly type: string; readonly data: ICredentialDataDecryptedObject } {
	const [type, current, previous] = CREDENTIALS[provider] ?? [
		'webhookSigningApi',
		'secret',
		'previousSecret',
	];
	return {
		type,
		data: { [current]: secrets.secret ?? secret, [previous]: secrets.previous ?? '' },
	};
}

/** The trigger's parameters for a scene, as a person enters them. */
export function sceneParameters({ provider, options }: Scene): INodeParameters {
	return {
		provider: PROVIDERS[provider].parameter,
		registration: 'manual',
		...genericParameters(options?.generic),
	};
}

function genericParameters(rules: GenericRules | undefined): INodeParameters {
	if (!rules) return {};
	return {
		genericSignatureHeader: rules.signatureHeader,
		genericSignaturePrefix: rules.signaturePrefix ?? '',
		genericSignaturePart: rules.signaturePart ?? '',
		genericTimestampPart: rules.timestampPart ?? '',
		genericAlgorithm: rules.algorithm,
		genericEncoding: rules.encoding,
		genericSignedContent: rules.signedContent,
		genericTimestampHeader: rules.timestampHeader ?? '',
		genericIdHeader: rules.idHeader ?? '',
		genericSecretEncoding: rules.secretEncoding,
		genericFields: { ...rules.fields },
		genericTypes: words(rules.types),
		genericBounceTypes: words(rules.bounceTypes ?? {}),
	};
}

function words(meanings: Readonly<Record<string, string>>): INodeParameters {
	const values = Object.entries(meanings).map(([providerEvent, type]) => ({ providerEvent, type }));
	return { values };
}

/** Posts a request to the trigger at `url`, with the query that its provider added. */
export async function sendTo(
	url: string,
	{ method, headers, body, ...request }: SceneRequest,
): Promise<Response> {
	const target = new URL(url);
	target.search = new URL(request.url).search;
	const hasBody = method !== 'GET';
	return await fetch(target, {
		method,
		headers,
		...(hasBody ? { body: new Uint8Array(body) } : {}),
	});
}

/** Requests that only the provider could have sent, changed by somebody else. */
export async function forged(scene: Scene, url: string, at?: number): Promise<SceneRequest> {
	const signing = { url, ...(at === undefined ? {} : { at }) };
	if (!scene.covers.body) return await scene.sign({ ...signing, secret: scene.otherSecret });
	const request = await scene.sign(signing);
	const changed = (text: string): string =>
		text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
	if (request.method !== 'GET') {
		return { ...request, body: Buffer.from(changed(request.body.toString())) };
	}
	const target = new URL(request.url);
	target.search = changed(target.search);
	return { ...request, url: target.href };
}

/** n8n gives a webhook one path, so that a token can only be in the query. */
export const isReachable = ({ title }: Scene): boolean =>
	title !== 'OTPIQ, delivery reports with a token in the URL';
