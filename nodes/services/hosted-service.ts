import type { IDataObject } from 'n8n-workflow';
import { type Answer, readAnswer, type Vendor, withoutEcho } from '../../engine/channels/answer.ts';
import type { Outcome } from '../../engine/channels/channel.ts';
import { jsonObject } from '../../engine/channels/http-outcome.ts';
import type { HttpReply, TransportFailure } from '../../engine/ports.ts';
import { withoutTrailingSlash } from '../http/base-url.ts';
import type { ApiReply } from '../http/call-api.ts';
import type { Explanation } from '../http/explanation.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import type { Judge } from '../http/until-answered.ts';
import { answerWithoutSecret } from './answer-without-secret.ts';

/** A hosted service as messages and n8n's credentials name it. */
export interface ServiceNames {
	readonly title: string;
	/** The credential's type, and its title in n8n. */
	readonly credential: string;
	readonly credentialTitle: string;
	/** The title of the credential's secret field in n8n. `API Key` by default. */
	readonly keyName?: string;
}

/** A hosted service that takes a notification in one call and knows no idempotency key. */
export interface HostedService extends ServiceNames {
	/** The credential's field that no output may repeat. */
	readonly secretField: string;
	/** Used when the credential's Base URL is empty. */
	readonly defaultBaseUrl?: string;
	/** The parts of an answer to a send that the vendor's documentation gives a meaning. */
	readonly answers: Vendor;
	/** The facts in an acceptance beside its id. */
	accepted?(reply: ApiReply): Acceptance;
	/**
	 * Explains a refusal to the user of the node, with the change that helps.
	 * @param action that the service was asked for, such as "take the notification"
	 */
	explain(reply: ApiReply, action: string): Explanation;
}

export interface Acceptance {
	/** The vendor's word for the state of the notification. */
	readonly status?: string | undefined;
	/** Accepted, but something about it needs attention. */
	readonly warning?: string | undefined;
}

/** A URL of the service's API. `path` begins with a slash. */
export function apiUrl(
	{ defaultBaseUrl = '' }: Pick<HostedService, 'defaultBaseUrl'>,
	baseUrl: unknown,
	path: string,
): string {
	return (withoutTrailingSlash(baseUrl) || defaultBaseUrl) + path;
}

/**
 * The outcome of a call, by the rules of the engine's channels (`engine/channels/answer.ts`).
 * @param now in milliseconds since 1970
 * @param secret of the credential; an id that repeats it is dropped
 */
export function outcomeOf(
	{ answers }: HostedService,
	reply: ApiReply | Unanswered,
	now: number,
	secret = '',
): Outcome {
	const classify = (one: HttpReply | TransportFailure, at: number): Outcome =>
		readAnswer(answers, one, at);
	const answer = 'failure' in reply ? reply : { ...reply, body: textOf(reply.body) };
	return secret === '' ? classify(answer, now) : withoutEcho(classify, secret)(answer, now);
}

/** Judges answers by the service's rules: which call to repeat, and after what wait. */
export function judgeOf(service: HostedService): Judge {
	return (reply) => {
		const outcome = outcomeOf(service, reply, Date.now());
		// A redirection may come after the service has done what it was asked for.
		return reply.status >= 400 && outcome.result === 'failed' && !outcome.permanent
			? { isTransient: true, waitMs: outcome.retryAfterMs }
			: { isTransient: false };
	};
}

/** The reply without the credential's secret, which a proxy may repeat in it. */
export function withoutCredential<Reply extends ApiReply | Unanswered>(
	{ secretField }: HostedService,
	credentials: IDataObject,
	reply: Reply,
): Reply {
	const secret = credentials[secretField];
	if ('failure' in reply || typeof secret !== 'string') return reply;
	return { ...reply, body: answerWithoutSecret(reply.body, secret) };
}

/** The answer as a JSON object; undefined when it is anything else. */
export function objectOf({ body }: ApiReply): Answer | undefined {
	return jsonObject(textOf(body));
}

/** The body as text, as the engine reads it: n8n has parsed a JSON body. */
function textOf(body: unknown): string {
	return typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
}
