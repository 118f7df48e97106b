import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';
import type { HttpClient } from '../../engine/ports.ts';
import { plainHeaders } from '../http/call-api.ts';
import { toTransportFailure } from '../http/transport-failure.ts';
import { unusableUrl } from '../http/unusable-url.ts';

const LONGEST_BODY = 64 * 1024;

/**
 * The engine's HTTP port over n8n's request helper, so that n8n's proxy and SSRF rules apply. The deadline is a signal
 * because the helper's own timeout only counts silence, so a slow stream would never end. Stopping the execution also ends
 * a request.
 */
export function httpPort(context: IExecuteFunctions): HttpClient {
	const stopped = context.getExecutionCancelSignal();
	return async ({ method, url, headers, body, timeoutMs }) => {
		const unusable = unusableUrl(url);
		if (unusable) return unusable;
		const deadline = AbortSignal.timeout(timeoutMs);
		try {
			const reply: IN8nHttpFullResponse = await context.helpers.httpRequest({
				method,
				url,
				headers: { ...headers },
				...(body === undefined ? {} : { body }),
				json: false,
				encoding: 'text',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
				abortSignal: stopped ? AbortSignal.any([deadline, stopped]) : deadline,
			});
			const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
			return {
				status: reply.statusCode,
				headers: plainHeaders(reply.headers),
				body: (text ?? '').slice(0, LONGEST_BODY),
			};
		} catch (thrown) {
			return toTransportFailure(thrown, timeoutMs);
		}
	};
}
