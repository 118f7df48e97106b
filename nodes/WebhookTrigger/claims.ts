import { BoundedMap, perNode } from './bounded-map.ts';

const MOST_IDS_PER_NODE = 10_000;

/**
 * Ids of the events that started an execution or are about to, by node: `id → when it was claimed`. In this process
 * only, because n8n loses what a webhook writes into static data; after a restart a repeat starts the workflow once
 * more. A runner repeats only what was not acknowledged.
 */
const claimedBy = perNode(() => new BoundedMap<number>(MOST_IDS_PER_NODE));

/**
 * Claims an id for a node; false when it was claimed less than `windowMs` before. Synchronous, so that of two requests
 * one gets it.
 */
export function claim(node: string, id: string, now: number, windowMs: number): boolean {
	const claimed = claimedBy(node);
	const at = claimed.get(id);
	if (at !== undefined && now - at < windowMs) return false;
	claimed.set(id, now);
	return true;
}

export function release(node: string, id: string): void {
	claimedBy(node).delete(id);
}

/** The part of a response that says how it ended. */
export interface EndingResponse {
	readonly statusCode: number;
	once(event: 'finish' | 'close', listener: () => void): unknown;
}

/**
 * Undoes what a request claimed when the provider is not told that its webhook was taken: n8n answered with an error, for
 * instance because it could not start the execution, or the connection was gone before the answer. It will come again.
 */
export function unlessAcknowledged(response: EndingResponse, undo: () => void): void {
	let finished = false;
	response.once('finish', () => {
		finished = true;
		if (response.statusCode >= 300) undo();
	});
	response.once('close', () => {
		if (!finished) undo();
	});
}
