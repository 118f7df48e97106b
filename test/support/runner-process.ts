import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitUntil } from './wait-until.ts';

const NO_NAME_SERVERS = pathToFileURL(join(process.cwd(), 'test/support/no-name-servers.mjs')).href;

/** Arguments of a Node that runs this file of a `sureping` without a name server. */
export const runnerAt = (file: string): readonly string[] => ['--import', NO_NAME_SERVERS, file];

/** Arguments of a Node that runs the built `sureping`. `npm test` builds it first. */
export const RUNNER = runnerAt(join(process.cwd(), 'runner/dist/sureping.js'));

export const API_KEY = 'sp_test_key_0123456789';
export const WEBHOOK_SECRET = 'whsec_callbacks_0123456789';

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	// The tests state what they expect in it.
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	readonly body: any;
}

export interface RunnerProcess {
	readonly url: string;
	/** Its SQLite file. */
	readonly database: string;
	/** Standard output and standard error so far, over all lives. */
	output(): string;
	log(): string;
	call(
		method: string,
		path: string,
		body?: unknown,
		headers?: Record<string, string>,
	): Promise<Answer>;
	post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
	get(path: string): Promise<Answer>;
	/** Ends it; resolves with its exit code, or null when a signal ended it. */
	kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
	/** Gives it another config, which it reads when it starts next. */
	reconfigure(config: Record<string, unknown>): void;
	/** Starts it again on the same database and port. */
	start(): Promise<void>;
	/** Ends it and removes its data. */
	dispose(): Promise<void>;
}

/** Settings of every test's runner, before its own. */
const DEFAULTS = {
	api_keys: [
		{
			name: 'test',
			key: API_KEY,
			scopes: ['send', 'read', 'endpoints', 'admin'],
			webhook_secret: WEBHOOK_SECRET,
		},
	],
	security: { allow_hosts: ['127.0.0.1'] },
	retry: { delays_s: [0.05, 0.05, 0.05], jitter: 0, timeout_s: 2 },
	// Retries come so soon that a breaker would stand in their way.
	webhook_health: { breaker: { failures: 1000 } },
	webhook_retry: { delays_s: [0.05, 0.05], jitter: 0, timeout_s: 2 },
	connections: [{ name: 'terminal', channel: 'console' }],
};

/**
 * A real runner in a process of its own, with a database of its own in a directory below `parent`, unless `config` names
 * one. `more` are arguments of `serve`; `runner` are Node's, up to the command: those of another build, say.
 */
export async function startRunner(
	config: Record<string, unknown> = {},
	parent = tmpdir(),
	more: readonly string[] = [],
	runner: readonly string[] = RUNNER,
): Promise<RunnerProcess> {
	const dir = mkdtempSync(join(parent, 'sureping-test-'));
	const file = join(dir, 'config.json');
	const reconfigure = (settings: Record<string, unknown>): void =>
		writeFileSync(file, JSON.stringify({ ...DEFAULTS, ...settings }));
	reconfigure(config);

	let child: ChildProcess | undefined;
	let stdout = '';
	let stderr = '';
	let port = '0';
	let exited: Promise<number | null> = Promise.resolve(null);

	const start = async (): Promise<void> => {
		const before = stdout.length;
		const options = ['--config', file, '--data-dir', dir, '--port', port, ...more];
		const args = [...runner, 'serve', ...options];
		const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		child = started;
		started.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
		started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
		exited = new Promise((resolve) => started.once('exit', (code) => resolve(code)));
		await waitUntil('the runner listens', () => {
			const found = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout.slice(before));
			if (found?.[1]) port = found[1];
			return found !== null || started.exitCode !== null;
		});
		if (started.exitCode !== null) throw new Error(`The runner ended:\n${stderr}`);
	};

	const kill = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
		child?.kill(signal);
		return await exited;
	};

	const call: RunnerProcess['call'] = async (method, path, body, headers = {}) => {
		const response = await fetch(`http://127.0.0.1:${port}${path}`, {
			method,
			headers: {
				authorization: `Bearer ${API_KEY}`,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...headers,
			},
			...(body === undefined
				? {}
				: { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		});
		const text = await response.text();
		const isJson = /json/.test(response.headers.get('content-type') ?? '');
		return {
			status: response.status,
			headers: response.headers,
			body: isJson ? JSON.parse(text) : text,
		};
	};

	try {
		await start();
	} catch (error) {
		// The caller gets nothing to dispose of.
		rmSync(dir, { recursive: true, force: true });
		throw error;
	}
	return {
		get url() {
			return `http://127.0.0.1:${port}`;
		},
		database: join(dir, 'sureping.db'),
		output: () => stdout,
		log: () => stderr,
		call,
		post: (path, body, headers) => call('POST', path, body, headers),
		get: (path) => call('GET', path),
		kill,
		reconfigure,
		start,
		async dispose() {
			await kill('SIGKILL');
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

/** Waits until every delivery of the notification has ended, and returns what `GET /notifications/{id}` says. */
export async function ended(runner: RunnerProcess, id: string): Promise<Answer['body']> {
	let found: Answer['body'];
	await waitUntil(`notification ${id} ends`, async () => {
		found = (await runner.get(`/notifications/${id}`)).body;
		return ['delivered', 'failed', 'cancelled'].includes(found.status);
	});
	return found;
}
