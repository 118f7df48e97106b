import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import type { Explanation } from '../http/explanation.ts';
import { explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { isAboutField, olderRunnerHint } from '../runner/older-runner.ts';
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
import { waitForOutcomes } from './wait-for-outcome.ts';
import { type SendOrigin, sendOrigin } from './send-origin.ts';
import { readSendParameters } from './send-parameters.ts';

/** Long, as the runner looks up the host of each send's callback URL. */
const BATCH_TIMEOUT_MS = 60_000;

interface RunnerSend {
	readonly ok: true;
	readonly itemIndex: number;
	readonly body: IDataObject;
	/** `source` and `in_reply_to`: the send's origin, not its content. */
	readonly origin: IDataObject;
	/** The key was made for this item, so no other send has it. */
	readonly isOwnKey: boolean;
	readonly waitMs: number;
}

/** `POST /send/batch`. When the runner answers, it has stored the notifications; it delivers them afterwards. */
export async function sendViaRunner(context: IExecuteFunctions): Promise<Sender> {
	const runner = await openRunner(context);
	const sleep = cancellableSleep(context);
	const node = context.getNode();

	const settle = (
		{ itemIndex, isOwnKey }: RunnerSend,
		{ status, problem, notification_id, deliveries }: BatchResult,
	): ItemResult => {
		// n8n ran the node again after an answer was lost, and an expression such as {{ $now }} gave another value. The
		// notification of the first run stands.
		const isRepeat = status === 409 && isOwnKey && !isLoop(problem);
		const earlier = isRepeat ? problemOf(problem).notification_id : undefined;
		const notificationId = earlier ?? (status === 202 ? notification_id : undefined);
		if (notificationId === undefined) {
			const refusal = { status, headers: {}, body: problem };
			return refusedByApi(node, itemIndex, explain(refusal, runner));
		}
		const queued = deliveries.map((one) => ({ ...one, status: 'queued', attempts: [] }));
		return { ok: true, json: { notificationId, status: 'queued', deliveries: queued } };
	};

	/** An older runner refuses a send with unknown fields and stores nothing of it. */
	let knowsOrigins = true;

	const sendBatch = async (batch: readonly RunnerSend[]): Promise<readonly ItemResult[]> => {
		const sends = batch.map(({ body, origin }) => (knowsOrigins ? { ...body, ...origin } : body));
		const content = { body: { sends }, timeoutMs: BATCH_TIMEOUT_MS };
		const reply = await untilAnswered(() => runner.request('POST', '/send/batch', content), {
			idempotent: true,
			sleep,
		});
		const answered =
			!('failure' in reply) && reply.status === 200
				? batchSchema.safeParse(reply.body).data?.results
				: undefined;
		if (knowsOrigins && answered?.some(isAboutOrigin)) {
			knowsOrigins = false;
			const message = olderRunnerHint(runner.baseUrl, 'source', LOST_WITHOUT_ORIGINS);
			context.addExecutionHints?.({ message, type: 'warning' });
			return await sendBatch(batch);
		}
		return batch.map((send, position) => {
			const result = answered?.[position];
			return result
				? settle(send, result)
				: refusedByApi(node, send.itemIndex, explain(reply, runner));
		});
	};

	return async (items) => {
		const origin = sendOrigin(context);
		const read = await Promise.all(
			items.map(
				async (item) =>
					await attemptItem(context, item.itemIndex, () => toSend(context, item, origin)),
			),
		);
		const sent: ItemResult[] = [];
		const toBeSent = read.filter((one) => one.ok);
		for (const batch of inBatches(toBeSent)) {
			sent.push(...(await sendBatch(batch)));
		}
		const ended = await waitForOutcomes(context, runner, sent, (at) => toBeSent[at]?.waitMs ?? 0);
		return fillIn(
			read.map((one) => (one.ok ? undefined : one)),
			ended,
		);
	};
}

function toSend(
	context: IExecuteFunctions,
	{ itemIndex, identity }: SendItem,
	{ source, inReplyTo }: SendOrigin,
): RunnerSend | RefusedItem {
	const parameters = readSendParameters(context, itemIndex, 'runner');
	if (!parameters.ok) return refusedParameters(context.getNode(), itemIndex, parameters.problems);
	const { request, idempotencyKey, waitMs } = parameters;
	const body = { ...request, idempotency_key: idempotencyKey ?? `n8n-${identity}` };
	const event = inReplyTo(itemIndex);
	const origin = { source, ...(event === undefined ? {} : { in_reply_to: event }) };
	return { ok: true, itemIndex, body, origin, waitMs, isOwnKey: idempotencyKey === undefined };
}

const ORIGIN_FIELDS = ['source', 'in_reply_to'];
const LOST_WITHOUT_ORIGINS =
	'it does not store which workflow sent a notification, so a trigger of this workflow cannot leave out the events of its own sends';

function isAboutOrigin({ status, problem }: BatchResult): boolean {
	return status === 422 && isAboutField(problem, ORIGIN_FIELDS);
}

/** True when the problem is a loop of sends, by its type. */
function isLoop(body: unknown): boolean {
	return problemOf(body).type.endsWith('/loop');
}

function explain(reply: RunnerReply, { baseUrl }: RunnerApi): Explanation {
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
