import { trimEndMatching } from '@sureping/engine';
import { type Command, Option } from 'commander';
import { usualFile } from '../config/usual-file.ts';
import { DEFAULT_PORT } from './default-port.ts';
import { keyForOwnRunner } from './folder-key.ts';
import { networkReason, NOTHING_LISTENS } from '../words/index.ts';

/** A runner that a command talks to. */
export interface RemoteOptions {
	readonly url: string;
	readonly key?: string;
	readonly json?: boolean;
}

/** The runner refused, or did not answer; the message is for the person at the terminal. */
export class RemoteError extends Error {
	override readonly name = 'RemoteError';
}

/** Where a runner listens if nobody told it otherwise. */
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;
const LONGEST_ANSWER_MS = 60_000;

/** Options of every command that talks to a runner. The help names the variables and never shows their values. */
export function withRemote(command: Command): Command {
	return command
		.addOption(
			new Option('--url <url>', 'URL of the runner').env('SUREPING_URL').default(DEFAULT_URL),
		)
		.addOption(
			new Option('--key <key>', 'API key; prefer the environment variable').env('SUREPING_KEY'),
		)
		.option('--json', 'print JSON');
}

/** One call of the runner's API. Throws a `RemoteError` for anything but a 2xx answer. */
export async function call<T>(
	{ url, key: given }: RemoteOptions,
	method: string,
	path: string,
	body?: unknown,
): Promise<T> {
	const key = given || keyOfFolder(url || DEFAULT_URL);
	if (!key) throw new RemoteError('An API key is required: set SUREPING_KEY, or use --key');
	if (!/^[\x21-\x7e]+$/.test(key)) {
		throw new RemoteError(
			'The API key holds a space, a line break or another character that no key has; correct SUREPING_KEY or --key',
		);
	}
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
	if (text === '') return {} as T; // No command reads anything of an answer without a body.
	try {
		// The runner's own answer; each command reads only members that the API description promises.
		return JSON.parse(text) as T;
	} catch {
		throw new RemoteError(
			`The server at ${shown(url)} is not a Sureping runner: its answer is not JSON. Use --url, or set SUREPING_URL`,
		);
	}
}

/** In a folder that `init` has set up, a newcomer gives no key to ask its runner. */
function keyOfFolder(url: string): string | undefined {
	const config = usualFile(undefined);
	return config === undefined ? undefined : keyForOwnRunner(url, config);
}

/** Rejects with a `RemoteError` when there is no answer in `longestMs` milliseconds. */
export async function reach(
	url: string,
	path: string,
	init: RequestInit,
	longestMs = LONGEST_ANSWER_MS,
): Promise<Response> {
	const base = readUrl(url);
	const signal = AbortSignal.timeout(longestMs);
	try {
		return await fetch(trimEndMatching(base.href, /\//) + path, { signal, ...init });
	} catch (error) {
		throw new RemoteError(`There is no answer from ${shown(url)}: ${reasonOf(error, longestMs)}`);
	}
}

function readUrl(text: string): URL {
	const url = URL.parse(text || DEFAULT_URL);
	if (!url || !/^https?:$/.test(url.protocol)) {
		throw new RemoteError(
			`"${text}" is not the URL of a runner, such as ${DEFAULT_URL}; use --url, or set SUREPING_URL`,
		);
	}
	if (url.username || url.password) {
		throw new RemoteError(
			'The URL of the runner must not hold a user name or password; put the API key into SUREPING_KEY',
		);
	}
	return url;
}

/** Without parts that may be secret. */
const shown = (text: string): string => (URL.canParse(text) ? new URL(text).origin : text);

function reasonOf(error: unknown, longestMs: number): string {
	if (!(error instanceof Error)) return String(error);
	if (error.name === 'TimeoutError') return `none came in ${longestMs / 1000} s`;
	const { cause = error } = error;
	const reason = networkReason(cause) ?? (cause instanceof Error ? cause.message : error.message);
	return reason === NOTHING_LISTENS
		? `${reason}; start it with "sureping serve", or use another --url`
		: reason;
}

function explain(status: number, text: string): string {
	try {
		const problem: unknown = JSON.parse(text);
		if (typeof problem === 'object' && problem !== null && 'detail' in problem) {
			return `${status}: ${String(problem.detail)}`;
		}
	} catch {
		// Not the runner's answer, but for example a proxy's page.
	}
	return `The runner answered ${status}`;
}
