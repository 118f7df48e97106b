import type { IExecuteFunctions } from 'n8n-workflow';
import type { ItemResult, ItemSender } from './item-result.ts';
import { createSendIdentity } from './send-identity.ts';
import type { Via } from './send-parameters.ts';
import { rememberSend, settledSend } from './settled-sends.ts';
import { sendDirectly } from './via-direct.ts';
import { sendViaOnePing } from './via-one-ping.ts';
import { sendViaRunner } from './via-runner.ts';

const SENDERS: Readonly<Record<Via, (context: IExecuteFunctions) => Promise<ItemSender>>> = {
	runner: sendViaRunner,
	direct: sendDirectly,
	onePing: sendViaOnePing,
};

/** Sends each item, except those that went out when n8n ran the node for them before. */
export async function sendOnce(
	context: IExecuteFunctions,
): Promise<(itemIndex: number) => Promise<ItemResult>> {
	const via = context.getNodeParameter('via', 0) as Via; // one of the node's own options, and not an expression
	const send = await SENDERS[via](context);
	const identityOf = createSendIdentity(context);
	return async (itemIndex) => {
		const identity = identityOf(itemIndex);
		const sent = settledSend(identity);
		if (sent) return { ok: true, json: sent };
		const result = await send(itemIndex, identity);
		if (result.ok) rememberSend(identity, result.json);
		return result;
	};
}
