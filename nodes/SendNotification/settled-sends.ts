import type { IDataObject } from 'n8n-workflow';

/** Far more than one execution has items; a result is about 1 KB. */
const MOST_RESULTS = 10_000;

/**
 * What was sent already, by send identity. n8n's "Retry on Fail" runs the node again with all its items, also those
 * that went out; they are answered from here. Kept in this process only: after a restart nothing is known, and in
 * queue mode each worker knows its own. Sends through the runner are covered there too, by their idempotency key.
 */
const results = new Map<string, IDataObject>();

export function settledSend(identity: string): IDataObject | undefined {
	return results.get(identity);
}

export function rememberSend(identity: string, result: IDataObject): void {
	results.set(identity, result);
	if (results.size <= MOST_RESULTS) return;
	const oldest = results.keys().next();
	if (!oldest.done) results.delete(oldest.value);
}
