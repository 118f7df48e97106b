import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { blocksOf } from '../support/pages.ts';
import { API_KEY, RUNNER } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

/** First words of blocks that need a service manager, Docker or the repository, which a test does not have. */
const OTHER_WAYS = /^(?:sudo|docker|git pull|npm)\s/;

/** The commands of a page's shell blocks for a runner in a terminal, in their order, without comments. */
export function commandsOf(page: string): readonly string[] {
	return blocksOf(page)
		.filter(({ language, text }) => language === 'sh' && !OTHER_WAYS.test(text))
		.flatMap(({ text }) => text.split('\n'))
		.map((line) => line.replace(/(?:^|\s)#\s.*$/, '').trim())
		.filter((line) => line !== '');
}

/** A `sureping serve` that an operator started. */
export interface Served {
	readonly url: string;
	log(): string;
	/** Ends it as Ctrl-C does; resolves with its exit code. */
	stop(): Promise<number | null>;
}

/** An operator's shell in an empty folder, with `sureping` on its path. */
export interface Drill {
	readonly directory: string;
	/** Installs another `sureping`: Node's arguments up to the command. */
	install(program: readonly string[]): void;
	/** Runs a command; rejects with its output when it fails. */
	run(command: string): Promise<string>;
	/** Starts a `sureping serve …`, on a free port, and waits until it listens. */
	serve(command: string): Promise<Served>;
	/** Of the served runner that is asked next, also by `run`. */
	get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
	post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
	dispose(): Promise<void>;
}

export function startDrill(
	env: Readonly<Record<string, string>> = {},
	paths: readonly string[] = [],
): Drill {
	const directory = temporaryDirectory('drill');
	const bin = join(directory, 'bin');
	mkdirSync(bin);
	const install: Drill['install'] = (program) => {
		const node = [process.execPath, ...program].map((word) => `'${word}'`).join(' ');
		const path = join(bin, 'sureping');
		writeFileSync(path, `#!/bin/sh\nexec ${node} "$@"\n`);
		chmodSync(path, 0o755);
	};
	install(RUNNER);
	const surroundings: NodeJS.ProcessEnv = {
		...process.env,
		...env,
		PATH: [bin, ...paths, process.env.PATH].join(delimiter),
		SUREPING_KEY: API_KEY,
	};
	const running: Served[] = [];
	let url = '';

	const ask: Drill['post'] = async (path, body) => {
		const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
		const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
		const response = await fetch(url + path, { headers, ...request });
		// Every answer of the API is an object.
		return {
			status: response.status,
			body: (await response.json()) as Record<string, unknown>,
		};
	};
	return {
		directory,
		install,
		async run(command) {
			// Without a runner, `doctor` looks at the files alone.
			const env = { ...surroundings, ...(url === '' ? {} : { SUREPING_URL: url }) };
			const options = { cwd: directory, env };
			return (await promisify(execFile)('bash', ['-euc', command], options)).stdout;
		},
		async serve(command) {
			const child = spawn('bash', ['-c', `exec ${command} --port 0`], {
				cwd: directory,
				env: surroundings,
				stdio: ['ignore', 'pipe', 'pipe'],
			});
			let [out, log, own] = ['', '', ''];
			child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
			child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
			const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
			const served: Served = {
				url: '',
				log: () => log,
				stop: async () => {
					if (url === own) url = '';
					child.kill('SIGINT');
					return await exited;
				},
			};
			running.push(served);
			const ENDED = 'ended';
			own = await waitUntil('the runner listens', () => {
				if (child.exitCode !== null) return ENDED;
				return /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(out)?.[1];
			});
			if (own === ENDED) throw new Error(`${command} ended:\n${log}`);
			url = own;
			return { ...served, url };
		},
		get: (path) => ask(path, undefined),
		post: ask,
		async dispose() {
			for (const one of running) await one.stop();
		},
	};
}
