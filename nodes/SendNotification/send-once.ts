import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { openMemory } from './execution-memory.ts';
import type { ItemResult, Sender } from './item-result.ts';
import { fillIn } from './process-items.ts';
import { escalateViaRunner } from './escalate-via-runner.ts';
import { sendDirectly } from './via-direct.ts';
import { sendViaNotificationApi } from './via-notification-api.ts';
import { sendViaOnePing } from './via-one-ping.ts';
import { sendViaOnePush } from './via-one-push.ts';
import { sendViaOtpiq } from './via-otpiq.ts';
import { sendViaPingram } from './via-pingram.ts';
import { sendViaRunner } from './via-runner.ts';

const SENDERS = {
	runner: sendViaRunner,
	direct: sendDirectly,
	onePing: sendViaOnePing,
	otpiq: sendViaOtpiq,
	notificationApi: sendViaNotificationApi,
	pingram: sendViaPingram,
	onePush: sendViaOnePush,
} as const satisfies Readonly<Record<string, (context: IExecuteFunctions) => Promise<Sender>>>;

/** Sends the items as the node says. */
export async function sendOnce(context: IExecuteFunctions): Promise<readonly ItemResult[]> {
	const via = context.getNodeParameter('via', 0) as keyof typeof SENDERS; // one of the node's own options, and not an expression
	return await remembering(context, await SENDERS[via](context));
}

/** Escalates the items. */
export async function escalateOnce(context: IExecuteFunctions): Promise<readonly ItemResult[]> {
	return await remembering(context, await escalateViaRunner(context));
}

/** Sends the items, except those that were sent in an earlier run of the node in this execution. */
async function remembering(
	context: IExecuteFunctions,
	send: Sender,
): Promise<readonly ItemResult[]> {
	const memory = openMemory(context);
	const items = context.getInputData().map((_, itemIndex) => {
		const identity = memory.identityOf(itemIndex);
		return { itemIndex, identity, sentBefore: memory.recall(identity) };
	});
	const toSend = items.filter(({ sentBefore }) => sentBefore === undefined);
	const results = fillIn(
		items.map(({ sentBefore }) => sentBefore && { ok: true, json: sentBefore }),
		toSend.length > 0 ? await send(toSend) : [],
	);

	const sent = new Map<string, IDataObject>();
	for (const [position, result] of results.entries()) {
		const identity = items[position]?.identity;
		if (result.ok && identity !== undefined) sent.set(identity, result.json);
	}
	memory.remember(sent, sent.size === items.length);
	return results;
}
