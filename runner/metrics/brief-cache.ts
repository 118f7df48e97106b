/** Long enough that scraping costs nothing, and no longer than a count is believed. */
const REST_MS = 10_000;

/** Asks once at a time for all who want to know, and again only 10 s after an answer. What fails is asked again at once. */
export function cachedBriefly<T>(ask: () => Promise<T>): () => Promise<T> {
	let last: { readonly answer: T; readonly at: number } | undefined;
	let asking: Promise<T> | undefined;
	const askNow = async (): Promise<T> => {
		const answer = await ask();
		last = { answer, at: performance.now() };
		return answer;
	};
	return async () => {
		if (last && performance.now() < last.at + REST_MS) return last.answer;
		asking ??= askNow().finally(() => (asking = undefined));
		return await asking;
	};
}
