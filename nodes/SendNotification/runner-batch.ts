import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import type { Explanation } from '../http/explanation.ts';
import { isAboutField, olderRunnerHint } from '../runner/older-runner.ts';
import { type BatchResult, batchSchema } from '../runner/runner-answers.ts';
import type { RunnerApi, RunnerReply } from '../runner/runner-api.ts';
import { inBatches } from './batches.ts';
import { type ItemResult, refusedByApi, type RefusedItem, type SendItem } from './item-result.ts';
import { attemptItem, fillIn } from './process-items.ts';
import { type SendOrigin, sendOrigin } from './send-origin.ts';

/** Long, as the runner looks up the host of each send's callback URL. */
const BATCH_TIMEOUT_MS = 60_000;

/** One item's send. */
export interface RunnerSend {
	readonly ok: true;
	readonly itemIndex: number;
	readonly body: IDataObject;
	/** `source` and `in_reply_to`: the send's origin, not its content. */
	readonly origin: IDataObject;
	/** The key was made for this item, so no other send has it. */
	readonly isOwnKey: boolean;
}

/** The part of a batch call that differs between a notification and an escalation. */
export interface BatchCall<Send extends RunnerSend> {
	/** Reads an item's parameters. */
	read(item: SendItem, origin: SendOrigin): Send | RefusedItem;
	/** The output of a send that the runner took; undefined if it did not take it. */
	accepted(send: Send, result: BatchResult): IDataObject | undefined;
	/** Explains the answer to a send that was not taken. */
	explain(reply: RunnerReply): Explanation | Promise<Explanation>;
}

export interface BatchOutcome<Send extends RunnerSend> {
	/** For each item, its send, or the reason why there is none. */
	readonly read: readonly (Send | RefusedItem)[];
	/** The results of the sends, in their order. */
	readonly sent: readonly ItemResult[];
}

/** `POST /send/batch`. When the runner answers, it has stored the sends. */
export async function postSends<Send extends RunnerSend>(
	context: IExecuteFunctions,
	runner: RunnerApi,
	items: readonly SendItem[],
	call: BatchCall<Send>,
): Promise<BatchOutcome<Send>> {
	const sleep = cancellableSleep(context);
	const node = context.getNode();
	/** An older runner refuses a send with unknown fields and stores nothing of it. */
	let knowsOrigins = true;

	const settle = async (send: Send, result: BatchResult): Promise<ItemResult> => {
		const json = call.accepted(send, result);
		if (json) return { ok: true, json };
		const refusal = { status: result.status, headers: {}, body: result.problem };
		return refusedByApi(node, send.itemIndex, await call.explain(refusal));
	};

	const sendBatch = async (batch: readonly Send[]): Promise<readonly ItemResult[]> => {
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
		return await Promise.all(
			batch.map(async (send, position) => {
				const result = answered?.[position];
				return result
					? await settle(send, result)
					: refusedByApi(node, send.itemIndex, await call.explain(reply));
			}),
		);
	};

	const origin = sendOrigin(context);
	const read = await Promise.all(
		items.map(
			async (item) => await attemptItem(context, item.itemIndex, () => call.read(item, origin)),
		),
	);
	const sent: ItemResult[] = [];
	for (const batch of inBatches(read.filter((one) => one.ok))) {
		sent.push(...(await sendBatch(batch)));
	}
	return { read, sent };
}

/** The results of all items: those of the sends, between the items that had none. */
export function inOrder(
	read: readonly (RunnerSend | RefusedItem)[],
	sent: readonly ItemResult[],
): readonly ItemResult[] {
	return fillIn(
		read.map((one) => (one.ok ? undefined : one)),
		sent,
	);
}

/** The origin of one item's send, as fields of its body. */
export function originFields({ source, inReplyTo }: SendOrigin, itemIndex: number): IDataObject {
	const event = inReplyTo(itemIndex);
	return { source, ...(event === undefined ? {} : { in_reply_to: event }) };
}

const ORIGIN_FIELDS = ['source', 'in_reply_to'];
const LOST_WITHOUT_ORIGINS =
	'it does not store which workflow sent a notification, so a trigger of this workflow cannot leave out the events of its own sends';

function isAboutOrigin({ status, problem }: BatchResult): boolean {
	return status === 422 && isAboutField(problem, ORIGIN_FIELDS);
}
