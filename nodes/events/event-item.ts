import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RawRequest, ReceivedEvent } from '../../engine/receive/index.ts';

/** One item per event. */
export function toItem(event: ReceivedEvent, headers?: IDataObject): INodeExecutionData {
	// A received event is JSON throughout: `raw` and `metadata` came out of JSON.parse.
	const json = { ...event, ...(headers ? { headers } : {}) } as IDataObject;
	return { json };
}

/** Names of headers that give access, or that would make a forged request look genuine. */
const SECRET_NAME = /auth|cookie|secret|signature|token|key|hmac|jwt|password|session/;

/**
 * The headers that an execution may show to everyone who can see it. Hidden besides the well-known names: the signature
 * header of `generic`, and the header that a secret of the form `Name: value` (Postmark) is expected in.
 */
export function publicHeaders(
	{ headers }: RawRequest,
	secrets: readonly string[],
	signatureHeader?: string,
): IDataObject {
	const named = secrets.map((secret) => secret.split(':', 1)[0]?.trim().toLowerCase());
	const hidden = new Set([signatureHeader, ...named]);
	const shown: IDataObject = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value === undefined || hidden.has(name) || SECRET_NAME.test(name)) continue;
		shown[name] =
			typeof value === 'string'
				? withoutSecrets(value, secrets)
				: value.map((one) => withoutSecrets(one, secrets));
	}
	return shown;
}

const HIDDEN = '[hidden]';

/** A parameter of a URL whose name says that it gives access. */
const SECRET_PARAMETER =
	/([?&;](?:[\w.-]{0,40}(?:token|secret|signature|password|key|auth|hmac|jwt)|sig|pass|pwd)=)[^&#;"'\s]+/gi;

/** Proxies put the called URL into headers such as `x-original-url`, and with it a token in its query or path. */
function withoutSecrets(value: string, secrets: readonly string[]): string {
	const spellings = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
	return [...new Set(spellings)]
		.filter((secret) => secret !== '')
		.reduce((text, secret) => text.replaceAll(secret, HIDDEN), value)
		.replace(SECRET_PARAMETER, `$1${HIDDEN}`);
}
