/** What an event's id is remembered for: longer than any provider repeats a webhook. */
const KEPT_MS = 24 * 3600 * 1000;
const MOST_IDS_PER_NODE = 10_000;

/**
 * Ids of the events that started an execution or are about to, by node: `id → when it was claimed`. In this process
 * only, because n8n loses what a webhook writes into static data; after a restart a repeat starts the workflow once
 * more. A runner repeats only what was not acknowledged.
 */
const claimed = new Map<string, Map<string, number>>();

/** Claims an id for a node; false when it was claimed before. Synchronous, so that of two requests one gets it. */
export function claim(node: string, id: string, now: number): boolean {
	const ids = claimed.get(node) ?? new Map<string, number>();
	claimed.set(node, ids);
	if (ids.has(id)) return false;
	for (const [oldest, at] of ids) {
		if (ids.size < MOST_IDS_PER_NODE && now - at < KEPT_MS) break;
		ids.delete(oldest);
	}
	ids.set(id, now);
	return true;
}

export function release(node: string, id: string): void {
	claimed.get(node)?.delete(id);
}

/** The part of a response that says how it ended. */
export interface EndingResponse {
	readonly statusCode: number;
	once(event: 'finish' | 'close', listener: () => void): unknown;
}

/**
 * Gives claimed ids back when the provider is not told that its webhook was taken: n8n answered with an error, for
 * instance because it could not start the execution, or the connection was gone before the answer. It will come again.
 */
export function keepIfAcknowledged(
	response: EndingResponse,
	node: string,
	ids: readonly string[],
): void {
	const giveBack = (): void => {
		for (const id of ids) release(node, id);
	};
	let finished = false;
	response.once('finish', () => {
		finished = true;
		if (response.statusCode >= 300) giveBack();
	});
	response.once('close', () => {
		if (!finished) giveBack();
	});
}
