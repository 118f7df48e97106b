import {
	type IDataObject,
	type INode,
	type INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';
import type { Problem } from '../../engine/dispatch/index.ts';
import type { Explanation } from '../http/explanation.ts';
import { describeProblems } from './parameter-names.ts';

/** An item that failed. */
export interface RefusedItem {
	readonly ok: false;
	readonly error: NodeApiError | NodeOperationError;
	/** Facts for a workflow that continues after an error. */
	readonly details?: IDataObject;
}

/** The result of one item. Expected failures are results; only bugs are thrown. */
export type ItemResult = { readonly ok: true; readonly json: IDataObject } | RefusedItem;

/** The result of one item that produced any number of items. */
export interface ManyItems {
	readonly ok: true;
	readonly items: readonly IDataObject[];
}

/** An item to send. `identity` names this send and stays the same when it is repeated. */
export interface SendItem {
	readonly itemIndex: number;
	readonly identity: string;
}

/** Sends items. The results have the same order. */
export type Sender = (items: readonly SendItem[]) => Promise<readonly ItemResult[]>;

/** An item that an API refused. */
export function refusedByApi(
	node: INode,
	itemIndex: number,
	{ message, description, httpCode }: Explanation,
	details?: IDataObject,
): RefusedItem {
	const error = new NodeApiError(node, httpCode === null ? {} : { httpCode }, {
		message: `${message} [Item ${itemIndex}]`,
		description,
		itemIndex,
	});
	return { ok: false, error, ...(details ? { details } : {}) };
}

/** An item with invalid parameters, of which nothing was sent. */
export function refusedParameters(
	node: INode,
	itemIndex: number,
	problems: readonly Problem[],
): RefusedItem {
	const [first = 'The parameters are invalid', ...others] = describeProblems(problems);
	const description =
		others.length > 0
			? `Nothing was sent for this item. Also to change: ${others.join('; ')}`
			: 'Nothing was sent for this item. Change this and run the node again.';
	return {
		ok: false,
		error: new NodeOperationError(node, `${first} [Item ${itemIndex}]`, { description, itemIndex }),
	};
}

/**
 * The items that leave the node for one that came in. An error is put into `json` with no other keys than `error`, `message` and `details`:
 * n8n then moves it to the error output where there is one and keeps the details, which it drops from an item that has
 * `error` beside `json` (`WorkflowExecute`: `handleNodeErrorOutput`, `normalizeNodeErrors`).
 */
export function toItems(result: ItemResult | ManyItems, itemIndex: number): INodeExecutionData[] {
	const pairedItem = { item: itemIndex };
	if (result.ok) {
		const all = 'items' in result ? result.items : [result.json];
		return all.map((json) => ({ json, pairedItem }));
	}
	const { message, description } = result.error;
	const details = { ...result.details, ...(description ? { description } : {}) };
	return [{ json: { error: message, details }, pairedItem }];
}
