import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { type ApiReply, callApi, type CallingContext } from '../http/call-api.ts';
import type { Unanswered } from '../http/transport-failure.ts';

export const RUNNER_CREDENTIAL = 'surepingApi';

export type RunnerReply = ApiReply | Unanswered;

/** The runner of a node's credential. */
export interface RunnerApi {
	/** Without a trailing slash. */
	readonly baseUrl: string;
	request(
		method: IHttpRequestMethods,
		path: string,
		content?: { readonly body?: IDataObject; readonly timeoutMs?: number },
	): Promise<RunnerReply>;
}

export async function openRunner(context: CallingContext): Promise<RunnerApi> {
	const credential = await context.getCredentials(RUNNER_CREDENTIAL);
	const baseUrl = withoutTrailingSlash(credential.baseUrl);
	return {
		baseUrl,
		request: async (method, path, content = {}) =>
			await callApi(context, RUNNER_CREDENTIAL, { method, url: baseUrl + path, ...content }),
	};
}
