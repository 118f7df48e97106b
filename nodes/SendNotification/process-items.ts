import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	NodeOperationError,
} from 'n8n-workflow';
import { type ItemResult, type ManyItems, type RefusedItem, toItems } from './item-result.ts';

/** Enough to hide latency, but too few to look like an attack. */
const AT_ONCE = 10;

/** Processes items separately, a few at a time. A failed item does not stop the others. */
export async function oneByOne<Result extends ItemResult | ManyItems = ItemResult>(
	context: IExecuteFunctions,
	itemIndexes: readonly number[],
	processItem: (itemIndex: number) => Promise<Result>,
): Promise<readonly (Result | RefusedItem)[]> {
	const results = new Array<Result | RefusedItem>(itemIndexes.length);
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

/** Turns an error into the item's result: work on an item evaluates its expressions, which may throw. */
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

/** Merges results: `others` fill the gaps in `known`, in order. */
export function fillIn(
	known: readonly (ItemResult | undefined)[],
	others: readonly ItemResult[],
): readonly ItemResult[] {
	let next = 0;
	return known.flatMap((result) => result ?? others[next++] ?? []);
}

/** The node's output in the order of its input. Without "continue on fail", the first failed item ends the node. */
export function toOutput(
	context: IExecuteFunctions,
	results: readonly (ItemResult | ManyItems)[],
): INodeExecutionData[] {
	if (!context.continueOnFail()) {
		const failed = results.find((result) => !result.ok);
		if (failed && !failed.ok) throw failed.error;
	}
	const { typeVersion } = context.getNode();
	const items = results.flatMap(toItems);
	return typeVersion < 2 ? items : items.map(withoutEmptyLists);
}

/** Drops empty lists of attempts, since n8n shows an empty list as a warning. Version 1 has them. */
function withoutEmptyLists(item: INodeExecutionData): INodeExecutionData {
	const { deliveries } = item.json;
	if (!Array.isArray(deliveries)) return item;
	const shown = deliveries.map((delivery) => {
		if (typeof delivery !== 'object' || delivery === null || !('attempts' in delivery))
			return delivery;
		const { attempts, ...rest } = delivery;
		return Array.isArray(attempts) && attempts.length === 0 ? rest : delivery;
	});
	return { ...item, json: { ...item.json, deliveries: shown as IDataObject[] } }; // as they were
}
