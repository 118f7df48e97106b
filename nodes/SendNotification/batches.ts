/** What one `POST /send/batch` takes. The bytes leave room for the object around the sends. */
const MOST_SENDS = 1_000;
const MOST_BYTES = 10 * 1024 * 1024 - 1024;

/** Cuts sends into as few calls as hold them, in order. One that is too large for any call is a call by itself. */
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
