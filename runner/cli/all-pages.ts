import { call, type RemoteOptions } from './remote.ts';

const PAGE = 100;

/** All entries of a list of the API, page by page. `member` is the list's name in the answer. */
export async function allPages<T>(
	options: RemoteOptions,
	path: string,
	member: string,
): Promise<readonly T[]> {
	const found: T[] = [];
	for (let after: string | undefined; ;) {
		const query = new URLSearchParams({ limit: String(PAGE), ...(after ? { after } : {}) });
		const answer = await call<Readonly<Record<string, unknown>>>(
			options,
			'GET',
			`${path}?${query}`,
		);
		// The API's own answer: the list and the cursor of the next page.
		found.push(...(answer[member] as T[]));
		const next = answer.next_cursor;
		if (typeof next !== 'string' || next === after) return found;
		after = next;
	}
}
