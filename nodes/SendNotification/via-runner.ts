import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { type Explanation, explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { type BatchResult, batchSchema } from '../runner/runner-answers.ts';
import { openRunner, type RunnerApi, type RunnerReply } from '../runner/runner-api.ts';
import { inBatches } from './batches.ts';
import {
	type ItemResult,
	refusedByApi,
	type RefusedItem,
	refusedParameters,
	type Sender,
	type SendItem,
} from './item-result.ts';
import { parameterName } from './parameter-names.ts';
import { attemptItem, fillIn } from './process-items.ts';
import { readSendParameters } from './send-parameters.ts';

/** The runner looks up the hosts of callback URLs, for each send of a batch. */
const BATCH_TIMEOUT_MS = 60_000;

interface RunnerSend {
	readonly ok: true;
	readonly itemIndex: number;
	readonly body: IDataObject;
	/** The key is made for this very item, and no other send has it. */
	readonly isOwnKey: boolean;
}

/** `POST /send/batch`. The runner has the notifications on disk when it answers, and delivers them after that. */
export async function sendViaRunner(context: IExecuteFunctions): Promise<Sender> {
	const runner = await openRunner(context);
	const sleep = cancellableSleep(context);
	const node = context.getNode();

	const settle = (
		{ itemIndex, isOwnKey }: RunnerSend,
		{ status, problem, notification_id, deliveries }: BatchResult,
	): ItemResult => {
		// n8n ran the node again after an answer was lost, and an expression such as {{ $now }} came out different: the
		// first content stands.
		const earlier = status === 409 && isOwnKey ? problemOf(problem).notification_id : undefined;
		const notificationId = earlier ?? (status === 202 ? notification_id : undefined);
		if (notificationId === undefined) {
			const refusal = { status, headers: {}, body: problem };
			return refusedByApi(node, itemIndex, explain(refusal, runner));
		}
		const queued = deliveries.map((one) => ({ ...one, status: 'queued', attempts: [] }));
		return { ok: true, json: { notificationId, status: 'queued', deliveries: queued } };
	};

	const sendBatch = async (batch: readonly RunnerSend[]): Promise<readonly ItemResult[]> => {
		const sends = batch.map(({ body }) => body);
		const content = { body: { sends }, timeoutMs: BATCH_TIMEOUT_MS };
		const reply = await untilAnswered(() => runner.request('POST', '/send/batch', content), {
			idempotent: true,
			sleep,
		});
		const answered =
			!('failure' in reply) && reply.status === 200
				? batchSchema.safeParse(reply.body).data?.results
				: undefined;
		return batch.map((send, position) => {
			const result = answered?.[position];
			return result
				? settle(send, result)
				: refusedByApi(node, send.itemIndex, explain(reply, runner));
		});
	};

	return async (items) => {
		const read = await Promise.all(
			items.map(
				async (item) => await attemptItem(context, item.itemIndex, () => toSend(context, item)),
			),
		);
		const sent: ItemResult[] = [];
		for (const batch of inBatches(read.filter((one) => one.ok))) {
			sent.push(...(await sendBatch(batch)));
		}
		return fillIn(
			read.map((one) => (one.ok ? undefined : one)),
			sent,
		);
	};
}

function toSend(
	context: IExecuteFunctions,
	{ itemIndex, identity }: SendItem,
): RunnerSend | RefusedItem {
	const parameters = readSendParameters(context, itemIndex, 'runner');
	if (!parameters.ok) return refusedParameters(context.getNode(), itemIndex, parameters.problems);
	const { request, idempotencyKey } = parameters;
	const body = { ...request, idempotency_key: idempotencyKey ?? `n8n-${identity}` };
	return { ok: true, itemIndex, body, isOwnKey: idempotencyKey === undefined };
}

function explain(reply: RunnerReply, { baseUrl }: RunnerApi): Explanation {
	const action = 'take the notification';
	if (!('failure' in reply) && reply.status === 409) {
		return {
			message: `The runner did not ${action}: it knows this idempotency key with other content`,
			description: `Use another Idempotency Key, or leave it empty to have one made for each item. It answered: ${problemOf(reply.body).detail}`,
			httpCode: '409',
		};
	}
	return explainRefusal(reply, { baseUrl, action, scope: 'send', nameOf: parameterName });
}
