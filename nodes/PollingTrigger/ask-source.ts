import { type IPollFunctions, sleep } from 'n8n-workflow';
import type { z } from 'zod/v4';
import { type ApiReply, callApi } from '../http/call-api.ts';
import type { Explanation } from '../http/explanation.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import { type Judge, untilAnswered } from '../http/until-answered.ts';
import { explainUnexpected, explainUnansweredQuery } from '../services/explain.ts';
import {
	type HostedService,
	judgeOf,
	outcomeOf,
	withoutCredential,
} from '../services/hosted-service.ts';

/** A GET, repeated after transient answers. */
export async function ask(
	context: IPollFunctions,
	credential: string,
	url: string,
	judge?: Judge,
): Promise<ApiReply | Unanswered> {
	return await untilAnswered(() => callApi(context, credential, { method: 'GET', url }), {
		idempotent: true,
		sleep,
		judge,
	});
}

/** The same at a hosted service, by its own rules of what is transient. */
export async function askHosted(
	context: IPollFunctions,
	service: HostedService,
	url: string,
): Promise<ApiReply | Unanswered> {
	const credentials = await context.getCredentials(service.credential);
	const reply = await ask(context, service.credential, url, judgeOf(service));
	return withoutCredential(service, credentials, reply);
}

/** The body of a 200 in the expected shape; undefined for every other answer. */
export function bodyOf<T>(reply: ApiReply | Unanswered, schema: z.ZodType<T>): T | undefined {
	return 'failure' in reply || reply.status !== 200 ? undefined : schema.safeParse(reply.body).data;
}

/** The explanation of a hosted service's unusable answer. */
export function explainHosted(
	service: HostedService,
	reply: ApiReply | Unanswered,
	action: string,
): Explanation {
	if ('failure' in reply) return explainUnansweredQuery(service, reply);
	return outcomeOf(service, reply, Date.now()).result === 'failed'
		? service.explain(reply, action)
		: explainUnexpected(service, reply);
}
