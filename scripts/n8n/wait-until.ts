const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 100;
/** Limit for a hang; a busy machine may take long for a quick step. */
const LIMIT_MS = 30_000;

/**
 * Polls until `probe` returns something other than undefined or false, and returns that; a probe that throws counts as
 * "not yet".
 * @param what completes "waited in vain until …"
 * @throws naming `what` and the last thing that went wrong, after `limitMs`
 */
export async function waitUntil<T>(
	what: string,
	probe: () => Promise<T | undefined | false> | T | undefined | false,
	limitMs = LIMIT_MS,
): Promise<T> {
	const end = Date.now() + limitMs;
	let last = '';
	for (let pollMs = FIRST_POLL_MS; Date.now() <= end; pollMs *= 1.5) {
		try {
			const value = await probe();
			if (value !== undefined && value !== false) return value;
		} catch (error) {
			last = ` (${String(error)})`;
		}
		const wait = Math.min(pollMs, LONGEST_POLL_MS);
		await new Promise((resolve) => setTimeout(resolve, wait));
	}
	throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}${last}`);
}
