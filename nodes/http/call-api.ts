import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	IPollFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { toTransportFailure, type Unanswered } from './transport-failure.ts';
import { unusableUrl } from './unusable-url.ts';

/** The contexts in which a node calls an API. */
export type CallingContext =
	IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions | IPollFunctions | IWebhookFunctions;

export interface ApiRequest {
	readonly method: IHttpRequestMethods;
	readonly url: string;
	readonly body?: IDataObject;
	readonly timeoutMs?: number;
}

export interface ApiReply {
	readonly status: number;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	/** Parsed if it was JSON, else text. */
	readonly body: unknown;
}

const API_TIMEOUT_MS = 10_000;

/** Makes one request with a credential. Resolves for every status, and also when no answer came. */
export async function callApi(
	context: CallingContext,
	credential: string,
	{ method, url, body, timeoutMs = API_TIMEOUT_MS }: ApiRequest,
): Promise<ApiReply | Unanswered> {
	const unusable = unusableUrl(url);
	if (unusable) return unusable;
	try {
		const reply: IN8nHttpFullResponse = await context.helpers.httpRequestWithAuthentication.call(
			context,
			credential,
			{
				method,
				url,
				...(body ? { body } : {}),
				json: true,
				timeout: timeoutMs,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
		);
		return { status: reply.statusCode, headers: plainHeaders(reply.headers), body: reply.body };
	} catch (thrown) {
		return toTransportFailure(thrown, timeoutMs);
	}
}

export function plainHeaders(headers: IDataObject): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
	);
}
