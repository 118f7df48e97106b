import type { IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { type Explanation, explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { camelCased, notificationSchema, sentSchema } from '../runner/runner-answers.ts';
import { openRunner, type RunnerApi, type RunnerReply } from '../runner/runner-api.ts';
import {
	type ItemResult,
	type ItemSender,
	refusedByApi,
	refusedParameters,
} from './item-result.ts';
import { parameterName } from './parameter-names.ts';
import { readSendParameters } from './send-parameters.ts';

/** `POST /send` for each item. The runner has it on disk when it answers, and delivers it after that. */
export async function sendViaRunner(context: IExecuteFunctions): Promise<ItemSender> {
	const runner = await openRunner(context);
	const sleep = cancellableSleep(context);
	const node = context.getNode();
	return async (itemIndex, identity) => {
		const parameters = readSendParameters(context, itemIndex, 'runner');
		if (!parameters.ok) return refusedParameters(node, itemIndex, parameters.problems);
		const { request: body, idempotencyKey = `n8n-${identity}` } = parameters;
		const headers = { 'Idempotency-Key': idempotencyKey };
		const reply = await untilAnswered(() => runner.request('POST', '/send', { body, headers }), {
			idempotent: true,
			sleep,
		});
		const sent = 'failure' in reply ? undefined : sentSchema.safeParse(reply.body).data;
		const earlier = parameters.idempotencyKey === undefined ? sentBefore(reply) : undefined;
		if (earlier !== undefined) {
			return { ok: true, json: { notificationId: earlier, status: 'queued', deliveries: [] } };
		}
		if ('failure' in reply || reply.status !== 202 || !sent) {
			const explanation = explain(reply, runner, 'take the notification', 'send');
			return refusedByApi(node, itemIndex, explanation);
		}
		const deliveries = sent.deliveries.map((delivery) => ({
			...delivery,
			status: sent.status,
			attempts: [],
		}));
		const json = { notificationId: sent.notification_id, status: sent.status, deliveries };
		return { ok: true, json };
	};
}

/**
 * What this very item was sent as, when n8n ran the node again after the runner's answer was lost and an expression such
 * as `{{ $now }}` came out different: the key is the item's own, so the first content stands.
 */
function sentBefore(reply: RunnerReply): string | undefined {
	if ('failure' in reply || reply.status !== 409) return undefined;
	return problemOf(reply.body).notification_id;
}

/** `GET /notifications/{id}` for each item. */
export async function getFromRunner(
	context: IExecuteFunctions,
): Promise<(itemIndex: number) => Promise<ItemResult>> {
	const runner = await openRunner(context);
	const sleep = cancellableSleep(context);
	const node = context.getNode();
	return async (itemIndex) => {
		const id = String(context.getNodeParameter('notificationId', itemIndex)).trim();
		if (id === '') {
			const problem = { path: 'Notification ID', message: 'must be the ID that a send gave' };
			return refusedParameters(node, itemIndex, [problem]);
		}
		const reply = await untilAnswered(
			() => runner.request('GET', `/notifications/${encodeURIComponent(id)}`),
			{ idempotent: true, sleep },
		);
		const found = 'failure' in reply ? undefined : notificationSchema.safeParse(reply.body).data;
		if (!('failure' in reply) && reply.status === 200 && found) {
			return { ok: true, json: camelCased(found) };
		}
		const explanation =
			!('failure' in reply) && reply.status === 404
				? {
						message: `The runner has no notification ${id}`,
						description:
							'Use the notificationId of an item that Send Notification put out, and the credential of the runner that it was sent through.',
						httpCode: '404',
					}
				: explain(reply, runner, 'show the notification', 'read');
		return refusedByApi(node, itemIndex, explanation);
	};
}

function explain(
	reply: RunnerReply,
	{ baseUrl }: RunnerApi,
	action: string,
	scope: string,
): Explanation {
	if (!('failure' in reply) && reply.status === 409) {
		return {
			message: `The runner did not ${action}: it knows this idempotency key with other content`,
			description: `Use another Idempotency Key, or leave it empty to have one made for each item. It answered: ${problemOf(reply.body).detail}`,
			httpCode: '409',
		};
	}
	return explainRefusal(reply, { baseUrl, action, scope, nameOf: parameterName });
}
