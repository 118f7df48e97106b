import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';
import { type ItemResult, type RefusedItem, toItem } from './item-result.ts';

/** Enough to hide latency, few enough not to look like an attack. */
const AT_ONCE = 10;

/** Takes items one by one, a few of them at a time. One that does not work does not keep the others from being tried. */
export async function oneByOne(
	context: IExecuteFunctions,
	itemIndexes: readonly number[],
	processItem: (itemIndex: number) => Promise<ItemResult>,
): Promise<readonly ItemResult[]> {
	const results = new Array<ItemResult>(itemIndexes.length);
	const waiting = itemIndexes.entries();
	const work = async (): Promise<void> => {
		for (const [position, itemIndex] of waiting) {
			results[position] = await attemptItem(
				context,
				itemIndex,
				async () => await processItem(itemIndex),
			);
		}
	};
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, itemIndexes.length) }, work));
	return results;
}

/** What is done for an item evaluates its expressions, and these may throw. */
export async function attemptItem<T>(
	context: IExecuteFunctions,
	itemIndex: number,
	work: () => T | Promise<T>,
): Promise<T | RefusedItem> {
	try {
		return await work();
	} catch (thrown) {
		const cause = thrown instanceof Error ? thrown : String(thrown);
		return { ok: false, error: new NodeOperationError(context.getNode(), cause, { itemIndex }) };
	}
}

/** The results of all items: those that were known, and in their gaps the others in order. */
export function fillIn(
	known: readonly (ItemResult | undefined)[],
	others: readonly ItemResult[],
): readonly ItemResult[] {
	let next = 0;
	return known.flatMap((result) => result ?? others[next++] ?? []);
}

/** The node's output, in the order of its input. Without "continue on fail" the first result that is none ends the node. */
export function toOutput(
	context: IExecuteFunctions,
	results: readonly ItemResult[],
): INodeExecutionData[] {
	if (!context.continueOnFail()) {
		const failed = results.find((result) => !result.ok);
		if (failed && !failed.ok) throw failed.error;
	}
	return results.map(toItem);
}
