import { z } from 'zod/v4';
import type { Explanation } from '../http/explanation.ts';
import { shownUrl } from '../http/shown-url.ts';
import { unusableUrl } from '../http/unusable-url.ts';
import type { RunnerReply } from './runner-api.ts';

/** The members of the runner's problem documents (RFC 9457) that the nodes use. */
const problemSchema = z.object({
	type: z.string().catch(''),
	title: z.string().catch(''),
	detail: z.string().catch(''),
	errors: z.array(z.object({ path: z.string(), message: z.string() })).catch([]),
	/** On 409 for an endpoint: the one that already has the URL. */
	endpoint_id: z.string().optional().catch(undefined),
	/** On 409 for an idempotency key: the notification that was sent with it. */
	notification_id: z.string().optional().catch(undefined),
});
export type RunnerProblem = z.infer<typeof problemSchema>;

/** The problem document in an answer; an empty one if the answer is something else, such as a proxy's page. */
export function problemOf(body: unknown): RunnerProblem {
	const parsed = problemSchema.safeParse(body);
	return parsed.success ? parsed.data : { type: '', title: '', detail: '', errors: [] };
}

export interface Circumstances {
	readonly baseUrl: string;
	/** The failed action, such as "take the notification". */
	readonly action: string;
	/** The scope that an API key needs for it. */
	readonly scope: string;
	/** A field's name in the node, such as "Fallback Channels" for `fallback_channels.0`. */
	nameOf(path: string): string;
}

const EXAMPLES = 'such as http://127.0.0.1:8477, or http://sureping:8477 in Docker Compose';

/** Explains a runner's refusal or missing answer by what the user can change. */
export function explainRefusal(reply: RunnerReply, circumstances: Circumstances): Explanation {
	const { baseUrl, action, scope, nameOf } = circumstances;
	if ('failure' in reply) {
		const unusable = unusableUrl(baseUrl);
		const shown = shownUrl(baseUrl);
		return {
			message: unusable
				? `The Base URL of the runner, "${shown}", cannot be used: ${unusable.detail}`
				: `The runner at ${shown} did not answer: ${reply.detail}`,
			description: unusable
				? `Correct it in the Sureping Runner API credential, ${EXAMPLES}.`
				: `Check that it is running and that the Base URL of the Sureping Runner API credential is right, ${EXAMPLES}. If n8n runs in a container, 127.0.0.1 is the container itself: use the host name of the runner.`,
			httpCode: null,
		};
	}
	const { title, detail, errors } = problemOf(reply.body);
	const said = detail || title || 'no reason given';
	const explain = (message: string, description: string): Explanation => ({
		message,
		description,
		httpCode: String(reply.status),
	});
	switch (reply.status) {
		case 401:
			return explain(
				'The runner does not know this API key',
				'Set the API Key of the Sureping Runner API credential to a key from api_keys in the runner configuration.',
			);
		case 403:
			return explain(
				`The API key may not ${action}`,
				`Add the scope "${scope}" to this key in the runner configuration. It answered: ${said}`,
			);
		case 422: {
			const [first, ...others] = errors.map(({ path, message }) => `${nameOf(path)}: ${message}`);
			return explain(
				first ?? `The runner did not ${action}: ${said}`,
				others.length > 0
					? `The runner checked everything before sending anything. Also to change: ${others.join('; ')}`
					: 'The runner checked the request and sent nothing. Change this and run the node again.',
			);
		}
		default:
			return explain(
				`The runner did not ${action}: it answered ${reply.status}`,
				reply.status >= 500
					? `n8n asked several times. Check the log of the runner. It answered: ${said}`
					: `Check that the Base URL in the Sureping Runner API credential is that of a runner. It answered: ${said}`,
			);
	}
}
