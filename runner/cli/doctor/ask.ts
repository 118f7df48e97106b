import { reach, RemoteError } from '../remote.ts';

/** Longest wait for one answer of the runner; milliseconds. */
const LONGEST_ANSWER_MS = 15_000;

/** A runner that is asked, with the key. */
export interface Asked {
	readonly url: string;
	readonly key: string;
}

export interface Reply {
	readonly status: number;
	/** Undefined if the answer is no JSON. */
	readonly body: unknown;
}

/** One call of the runner's API, whatever its status. Rejects with a `RemoteError` when there is no answer. */
export async function ask(
	{ url, key }: Asked,
	method: 'GET' | 'POST',
	path: string,
): Promise<Reply> {
	const authorization = { authorization: `Bearer ${key}` };
	const init =
		method === 'GET'
			? { headers: authorization }
			: { method, headers: { ...authorization, 'content-type': 'application/json' }, body: '{}' };
	const response = await reach(url, path, init, LONGEST_ANSWER_MS);
	try {
		return { status: response.status, body: await response.json() };
	} catch (error) {
		if (error instanceof SyntaxError) return { status: response.status, body: undefined };
		throw new RemoteError(`The answer of ${new URL(url).origin} broke off`);
	}
}
