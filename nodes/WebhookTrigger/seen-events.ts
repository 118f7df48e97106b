import { BoundedMap, perNode } from './bounded-map.ts';

const MOST_IDS_PER_NODE = 10_000;

/**
 * The ids of events that started an execution or are about to, by node: `id → when it was first seen`. Kept in this
 * process only, because n8n drops what a webhook writes into static data. After a restart a repeat starts the workflow
 * again, but a runner repeats only what was not acknowledged.
 */
const seenBy = perNode(() => new BoundedMap<number>(MOST_IDS_PER_NODE));

/**
 * Remembers an event for a node; false when it was seen less than `windowMs` ago. Synchronous, so that only one of two
 * concurrent requests gets true.
 */
export function rememberEvent(node: string, id: string, now: number, windowMs: number): boolean {
	const seen = seenBy(node);
	const at = seen.get(id);
	if (at !== undefined && now - at < windowMs) return false;
	seen.set(id, now);
	return true;
}

export function forgetEvent(node: string, id: string): void {
	seenBy(node).delete(id);
}

/** The part of Node's response that tells how it ended. */
export interface EndingResponse {
	readonly statusCode: number;
	once(event: 'finish' | 'close', listener: () => void): unknown;
}

/**
 * Calls `undo` when the provider gets no acknowledgement and so will send the webhook again: n8n answered with an error,
 * for example because it could not start the execution, or the connection was closed before the answer.
 */
export function undoUnlessAcknowledged(response: EndingResponse, undo: () => void): void {
	let finished = false;
	response.once('finish', () => {
		finished = true;
		if (response.statusCode >= 300) undo();
	});
	response.once('close', () => {
		if (!finished) undo();
	});
}
