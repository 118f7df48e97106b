import { trimEndMatching } from '@sureping/engine';
import { type Command, Option } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { usualFile } from '../config/usual-file.ts';
import { VERSION } from '../version.ts';
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
	/** The status of a refusal; undefined if no whole answer came. */
	readonly status: number | undefined;

	constructor(message: string, status?: number) {
		super(message);
		this.status = status;
	}
}

/** Where a runner listens if nobody told it otherwise. */
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

/** Limits of one answer: the time until its last byte in milliseconds, and its size in bytes. */
interface AnswerLimits {
	readonly ms: number;
	readonly bytes: number;
}
/** The runner may let a list wait. Events of one notification repeat its metadata, so they may be large. */
const ANY_ANSWER: AnswerLimits = { ms: 60_000, bytes: 512 * 1024 * 1024 };
/** For answers that are small and ready, from a server that may be no runner. */
export const SHORT_ANSWER: AnswerLimits = { ms: 15_000, bytes: 16 * 1024 * 1024 };

/** Options of every command that talks to a runner. The help names the variables and never shows their values. */
export function withRemote(command: Command): Command {
	return command
		.addOption(
			new Option('--url <url>', 'URL of the runner')
				.env('SUREPING_URL')
				.default(DEFAULT_URL)
				// A script that passes on an unset variable passes an empty one.
				.argParser((url) => url || DEFAULT_URL),
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
	const key = given || keyOfFolder(url);
	if (!key) throw new RemoteError('An API key is required: set SUREPING_KEY, or use --key');
	const mistake = mistakeInKey(key);
	if (mistake !== undefined) throw new RemoteError(`The API key ${mistake}`);
	const { ok, status, text } = await reach(url, path, {
		method,
		headers: {
			authorization: `Bearer ${key}`,
			// The runner records answers from here as given on the command line.
			'user-agent': `sureping/${VERSION}`,
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	if (!ok) throw new RemoteError(explain(status, text), status);
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

/** In a folder that `init` has set up, a newcomer can ask its runner without giving a key. */
function keyOfFolder(url: string): string | undefined {
	try {
		const config = usualFile(undefined);
		return config === undefined ? undefined : keyForOwnRunner(url, config);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		throw new RemoteError(
			'An API key is required: set SUREPING_KEY, or use --key; sureping.yaml or .env here belongs to another user',
		);
	}
}

/** The reason why a key cannot be sent as a header, which never repeats the key; undefined if it can. */
export function mistakeInKey(key: string): string | undefined {
	return /^[\x21-\x7e]+$/.test(key)
		? undefined
		: 'holds a space, a line break or another character that no key has; correct SUREPING_KEY or --key';
}

/** A whole answer, whatever its status. */
export interface Answer {
	/** True for a status of 200 to 299. */
	readonly ok: boolean;
	readonly status: number;
	readonly text: string;
}

/**
 * One request and its whole answer. Rejects with a `RemoteError` when no whole answer comes within the limits, and when it
 * is a redirect: its target may not be the operator's.
 */
export async function reach(
	url: string,
	path: string,
	init: RequestInit,
	limits = ANY_ANSWER,
): Promise<Answer> {
	const base = readUrl(url);
	const signal = AbortSignal.timeout(limits.ms);
	let response: Response;
	try {
		const asked = trimEndMatching(base.href, /\//) + path;
		response = await fetch(asked, { signal, ...init, redirect: 'manual' });
	} catch (error) {
		throw new RemoteError(`There is no answer from ${base.origin}: ${reasonOf(error, limits.ms)}`);
	}
	const target = targetOf(response);
	if (target !== undefined) {
		await response.body?.cancel();
		throw new RemoteError(
			`${base.origin} redirects to ${target}; if the runner is there, use that with --url or SUREPING_URL`,
		);
	}
	const { ok, status } = response;
	return { ok, status, text: await textOf(response, base.origin, limits) };
}

/** The address without its path and query, which may hold a secret; undefined if it is no redirect. */
function targetOf({ status, headers, url }: Response): string | undefined {
	if (status < 300 || status > 399) return undefined;
	const location = headers.get('location');
	return location === null
		? undefined
		: (URL.parse(location, url)?.origin ?? 'something that is no URL');
}

async function textOf({ body }: Response, origin: string, limits: AnswerLimits): Promise<string> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		for await (const chunk of body ?? []) {
			size += chunk.length;
			if (size > limits.bytes) break;
			chunks.push(chunk);
		}
	} catch (error) {
		const isLate = Object(error).name === 'TimeoutError';
		const reason = isLate ? `did not end in ${limits.ms / 1000} s` : 'broke off';
		throw new RemoteError(`The answer of ${origin} ${reason}`);
	}
	if (size > limits.bytes) {
		throw new RemoteError(`The answer of ${origin} is longer than ${limits.bytes / 1024 ** 2} MiB`);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function readUrl(text: string): URL {
	const url = URL.parse(text);
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
	// The message of an error without a cause may repeat a header, which holds the key.
	if (error.cause === undefined) return 'it cannot be asked like that';
	const { cause } = error;
	const reason =
		networkReason(cause) ?? (cause instanceof Error ? cause.message : 'it cannot be reached');
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
