import { reach, SHORT_ANSWER } from '../remote.ts';

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
	const { status, text } = await reach(url, path, init, SHORT_ANSWER);
	try {
		return { status, body: JSON.parse(text) };
	} catch {
		return { status, body: undefined };
	}
}
