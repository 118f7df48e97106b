import type { IExecuteFunctions } from 'n8n-workflow';
import { problemOf } from '../runner/explain-refusal.ts';
import { openRunner } from '../runner/runner-api.ts';
import { explainSend, isLoop } from './explain-send.ts';
import { type RefusedItem, refusedParameters, type Sender, type SendItem } from './item-result.ts';
import { inOrder, originFields, postSends, type RunnerSend } from './runner-batch.ts';
import type { SendOrigin } from './send-origin.ts';
import { readSendParameters } from './send-parameters.ts';
import { waitForOutcomes } from './wait-for-outcome.ts';

interface NotificationSend extends RunnerSend {
	readonly waitMs: number;
}

/** Sends notifications through the runner, which stores them before it answers and delivers them afterwards. */
export async function sendViaRunner(context: IExecuteFunctions): Promise<Sender> {
	const runner = await openRunner(context);
	return async (items) => {
		const { read, sent } = await postSends<NotificationSend>(context, runner, items, {
			read: (item, origin) => toSend(context, item, origin),
			accepted: ({ isOwnKey }, { status, problem, notification_id, deliveries }) => {
				// n8n ran the node again after an answer was lost, and an expression such as {{ $now }} gave another value. The
				// notification of the first run stands.
				const isRepeat = status === 409 && isOwnKey && !isLoop(problem);
				const earlier = isRepeat ? problemOf(problem).notification_id : undefined;
				const notificationId = earlier ?? (status === 202 ? notification_id : undefined);
				if (notificationId === undefined) return undefined;
				const queued = deliveries.map((one) => ({ ...one, status: 'queued', attempts: [] }));
				return { notificationId, status: 'queued', deliveries: queued };
			},
			explain: (reply) => explainSend(reply, runner),
		});
		const sends = read.filter((one) => one.ok);
		const ended = await waitForOutcomes(context, runner, sent, (at) => sends[at]?.waitMs ?? 0);
		return inOrder(read, ended);
	};
}

function toSend(
	context: IExecuteFunctions,
	{ itemIndex, identity }: SendItem,
	origin: SendOrigin,
): NotificationSend | RefusedItem {
	const parameters = readSendParameters(context, itemIndex, 'runner');
	if (!parameters.ok) return refusedParameters(context.getNode(), itemIndex, parameters.problems);
	const { request, idempotencyKey, waitMs } = parameters;
	return {
		ok: true,
		itemIndex,
		body: { ...request, idempotency_key: idempotencyKey ?? `n8n-${identity}` },
		origin: originFields(origin, itemIndex),
		waitMs,
		isOwnKey: idempotencyKey === undefined,
	};
}
