import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { RawRequest, ReceivedEvent } from '../../engine/receive/index.ts';

/** One item per event. */
export function toItem(event: ReceivedEvent, headers?: IDataObject): INodeExecutionData {
	// A received event is JSON throughout: `raw` and `metadata` came out of JSON.parse.
	const json = { ...event, ...(headers ? { headers } : {}) } as IDataObject;
	return { json };
}

/** Names of headers that hold credentials, or that would prove a forged request. */
const SECRET_NAME = /auth|cookie|secret|signature|token|key|hmac|jwt|password|session/;

/**
 * The headers that may be shown in an execution. Headers that the user chose may be secret too: the signature's of
 * `generic`, and the one of a secret in the form `Name: value` (Postmark).
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

/** A parameter of a URL that holds a credential, by its name. */
const SECRET_PARAMETER =
	/([?&;](?:[\w.-]{0,40}(?:token|secret|signature|password|key|auth|hmac|jwt)|sig|pass|pwd)=)[^&#;"'\s]+/gi;

/** Proxies put the URL that was called into headers such as `x-original-url`, and with it a token in its query or path. */
function withoutSecrets(value: string, secrets: readonly string[]): string {
	const spellings = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
	return [...new Set(spellings)]
		.filter((secret) => secret !== '')
		.reduce((text, secret) => text.replaceAll(secret, HIDDEN), value)
		.replace(SECRET_PARAMETER, `$1${HIDDEN}`);
}
