import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { type ItemResult, toItem } from './item-result.ts';

/** Enough to hide latency, few enough not to look like an attack. */
const AT_ONCE = 10;

/**
 * Runs every item, a few at a time, and gives the outputs in the order of the inputs. An item that did not work does
 * not keep the others from being tried; without "continue on fail" the first of them then ends the node.
 */
export async function processItems(
	context: IExecuteFunctions,
	processItem: (itemIndex: number) => Promise<ItemResult>,
): Promise<INodeExecutionData[]> {
	const items = context.getInputData();
	const results = new Array<ItemResult>(items.length);
	const waiting = items.keys();
	const work = async (): Promise<void> => {
		for (const itemIndex of waiting) {
			results[itemIndex] = await attemptItem(context, itemIndex, processItem);
		}
	};
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));

	if (!context.continueOnFail()) {
		const failed = results.find((result) => !result.ok);
		if (failed && !failed.ok) throw failed.error;
	}
	return results.map(toItem);
}

/** Expressions are evaluated inside, and may throw. */
async function attemptItem(
	context: IExecuteFunctions,
	itemIndex: number,
	processItem: (itemIndex: number) => Promise<ItemResult>,
): Promise<ItemResult> {
	try {
		return await processItem(itemIndex);
	} catch (thrown) {
		const cause = thrown instanceof Error ? thrown : String(thrown);
		return { ok: false, error: new NodeOperationError(context.getNode(), cause, { itemIndex }) };
	}
}
