import { type IPollFunctions, sleep } from 'n8n-workflow';
import { type ApiReply, callApi } from '../http/call-api.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import { untilAnswered } from '../http/until-answered.ts';

/** Asks a source with GET, again after what may pass. */
export async function ask(
	context: IPollFunctions,
	credential: string,
	url: string,
): Promise<ApiReply | Unanswered> {
	return await untilAnswered(() => callApi(context, credential, { method: 'GET', url }), {
		idempotent: true,
		sleep,
	});
}
