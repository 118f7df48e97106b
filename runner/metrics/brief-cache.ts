/** Time for which an answer is reused, in milliseconds; the longest time for which a backlog count is. */
const REST_MS = 10_000;

/** Caches the answer of `ask` for 10 s. Concurrent callers share one call; an error is not cached. */
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
