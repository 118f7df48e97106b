/** The limits of one `POST /send/batch`. The bytes leave room for the object around the sends. */
const MOST_SENDS = 1_000;
const MOST_BYTES = 10 * 1024 * 1024 - 1024;

/** Divides sends into as few calls as possible, in order. A send that exceeds the limit gets a call of its own. */
export function inBatches<T extends { readonly body: object }>(sends: readonly T[]): T[][] {
	const batches: T[][] = [];
	let current: T[] = [];
	let bytes = 0;
	for (const send of sends) {
		const size = Buffer.byteLength(JSON.stringify(send.body)) + 1;
		if (current.length === 0 || current.length === MOST_SENDS || bytes + size > MOST_BYTES) {
			current = [];
			batches.push(current);
			bytes = 0;
		}
		current.push(send);
		bytes += size;
	}
	return batches;
}
