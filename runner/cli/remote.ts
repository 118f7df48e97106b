import { strippedEnd } from '@sureping/engine';
import type { Command } from 'commander';

/** A runner that a command talks to. */
export interface RemoteOptions {
	readonly url: string;
	readonly key?: string;
	readonly json?: boolean;
}

/** The runner answered no, or not at all: for the person at the terminal. */
export class RemoteError extends Error {
	override readonly name = 'RemoteError';
}

const DEFAULT_URL = 'http://127.0.0.1:8477';

/** Options of every command that talks to a runner. */
export function withRemote(command: Command): Command {
	return command
		.option('--url <url>', 'the runner', process.env.SUREPING_URL ?? DEFAULT_URL)
		.option('--key <key>', 'an API key; better given as SUREPING_KEY', process.env.SUREPING_KEY)
		.option('--json', 'print JSON');
}

/** One call of the runner's API. Throws a `RemoteError` for anything but a 2xx answer. */
export async function call<T>(
	{ url, key }: RemoteOptions,
	method: string,
	path: string,
	body?: unknown,
): Promise<T> {
	if (!key) throw new RemoteError('An API key is needed: set SUREPING_KEY, or give --key');
	const response = await reach(url, path, {
		method,
		headers: {
			authorization: `Bearer ${key}`,
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const text = await response.text();
	if (!response.ok) throw new RemoteError(explain(response.status, text));
	// The runner's own answer, of which each command reads what the API's description promises.
	return (text === '' ? {} : JSON.parse(text)) as T;
}

/** Rejects with a `RemoteError` when nobody answers. */
export async function reach(url: string, path: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(strippedEnd(url, /\//) + path, init);
	} catch (error) {
		const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new RemoteError(`There is no answer from ${url}: ${reason}`);
	}
}

function explain(status: number, text: string): string {
	try {
		const problem: unknown = JSON.parse(text);
		if (typeof problem === 'object' && problem !== null && 'detail' in problem) {
			return `${status}: ${String(problem.detail)}`;
		}
	} catch {
		// Not the runner's own words, such as a proxy's page.
	}
	return `The runner answered ${status}`;
}
