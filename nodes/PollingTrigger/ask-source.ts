import { type IPollFunctions, sleep } from 'n8n-workflow';
import type { z } from 'zod/v4';
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

/** The body of a 200, where it is what was asked for. */
export function bodyOf<T>(reply: ApiReply | Unanswered, schema: z.ZodType<T>): T | undefined {
	return 'failure' in reply || reply.status !== 200 ? undefined : schema.safeParse(reply.body).data;
}
