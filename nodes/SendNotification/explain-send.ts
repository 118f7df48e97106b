import type { Explanation } from '../http/explanation.ts';
import { explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import type { RunnerApi, RunnerReply } from '../runner/runner-api.ts';
import { parameterName } from './parameter-names.ts';

/** True when the problem is a loop of sends, by its type. */
export function isLoop(body: unknown): boolean {
	return problemOf(body).type.endsWith('/loop');
}

/** Explains why a runner did not take a send. */
export function explainSend(reply: RunnerReply, { baseUrl }: RunnerApi): Explanation {
	const action = 'take the notification';
	if (!('failure' in reply) && reply.status === 409 && isLoop(reply.body)) {
		return {
			message: `The runner stopped a loop: ${problemOf(reply.body).detail}`,
			description:
				'This workflow, or a chain of workflows, sends a notification for each event about the previous one. Turn off Include Own Sends in the trigger, or raise loop_limit in the runner configuration.',
			httpCode: '409',
		};
	}
	if (!('failure' in reply) && reply.status === 409) {
		return {
			message: `The runner did not ${action}: it knows this idempotency key with other content`,
			description: `Use another Idempotency Key, or leave it empty to get one for each item. It answered: ${problemOf(reply.body).detail}`,
			httpCode: '409',
		};
	}
	return explainRefusal(reply, { baseUrl, action, scope: 'send', nameOf: parameterName });
}
