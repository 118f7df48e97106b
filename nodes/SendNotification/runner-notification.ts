import type { IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import type { Explanation } from '../http/explanation.ts';
import { explainRefusal } from '../runner/explain-refusal.ts';
import { camelCased, notificationSchema } from '../runner/runner-answers.ts';
import { openRunner, type RunnerApi, type RunnerReply } from '../runner/runner-api.ts';
import { type ItemResult, refusedByApi } from './item-result.ts';
import { readNotificationId } from './notification-id.ts';
import { parameterName } from './parameter-names.ts';
import { oneByOne } from './process-items.ts';

type IdCall = (
	runner: RunnerApi,
	id: string,
	ask: (call: () => Promise<RunnerReply>) => Promise<RunnerReply>,
) => Promise<RunnerReply>;

/** The path of a notification in the runner's API. */
export const path = (id: string): string => `/notifications/${encodeURIComponent(id)}`;

/** `GET /notifications/{id}` for each item. */
export async function getNotifications(context: IExecuteFunctions): Promise<readonly ItemResult[]> {
	return await forEachId(context, 'show the notification', 'read', (runner, id, ask) =>
		ask(() => runner.request('GET', path(id))),
	);
}

/**
 * `POST /notifications/{id}/cancel` for each item. The runner refuses to cancel a notification that has ended. If it is
 * cancelled already, for example because n8n repeated the call, that counts as success.
 */
export async function cancelNotifications(
	context: IExecuteFunctions,
): Promise<readonly ItemResult[]> {
	return await forEachId(context, 'cancel the notification', 'send', async (runner, id, ask) => {
		const reply = await ask(() => runner.request('POST', `${path(id)}/cancel`));
		if ('failure' in reply || reply.status !== 409) return reply;
		const now = await ask(() => runner.request('GET', path(id)));
		const found = 'failure' in now ? undefined : notificationSchema.safeParse(now.body).data;
		return found?.status === 'cancelled' ? now : reply;
	});
}

async function forEachId(
	context: IExecuteFunctions,
	action: string,
	scope: string,
	call: IdCall,
): Promise<readonly ItemResult[]> {
	const runner = await openRunner(context);
	const repeating = { idempotent: true, sleep: cancellableSleep(context) };
	const node = context.getNode();
	const indexes = [...context.getInputData().keys()];
	return await oneByOne(context, indexes, async (itemIndex) => {
		const given = readNotificationId(context, itemIndex);
		if (!given.ok) return given;
		const { id } = given;
		const reply = await call(runner, id, (request) => untilAnswered(request, repeating));
		const found = 'failure' in reply ? undefined : notificationSchema.safeParse(reply.body).data;
		if (!('failure' in reply) && reply.status === 200 && found) {
			return { ok: true, json: camelCased(found) };
		}
		const { baseUrl } = runner;
		const explanation =
			explainStatus('failure' in reply ? 0 : reply.status, id) ??
			explainRefusal(reply, { baseUrl, action, scope, nameOf: parameterName });
		return refusedByApi(node, itemIndex, explanation);
	});
}

function explainStatus(status: number, id: string): Explanation | undefined {
	if (status === 404) {
		return {
			message: `The runner has no notification ${id}`,
			description:
				'Use the notificationId from the output of the Send Notification node, and the credential of the runner that sent it.',
			httpCode: '404',
		};
	}
	if (status === 409) {
		return {
			message: `The notification ${id} has no pending deliveries`,
			description:
				'It has ended, so there was nothing to stop. The operation Get shows the outcome.',
			httpCode: '409',
		};
	}
	return undefined;
}
