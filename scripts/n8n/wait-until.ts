const POLL_MS = 100;

/**
 * Polls until `probe` gives something other than undefined or false; a throwing probe counts as "not yet".
 * @throws naming `what` and the last thing that went wrong, after `timeoutMs`
 */
export async function waitUntil<T>(
	what: string,
	timeoutMs: number,
	probe: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	let last: unknown = 'no answer yet';
	while (Date.now() < deadline) {
		try {
			const value = await probe();
			if (value !== undefined && value !== false) return value;
		} catch (error) {
			last = error;
		}
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	throw new Error(`${what} took longer than ${timeoutMs} ms (${String(last)})`);
}
