import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { RUNNER } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Resources that the attacked process has used and holds. */
export interface Usage {
	/** Processor time of the whole process so far; milliseconds. */
	readonly cpuMs: number;
	/** Of the longest turn of its event loop since turns are watched; milliseconds. */
	readonly longestTurnMs: number;
	readonly residentBytes: number;
	/** Files and sockets. */
	readonly openFiles: number;
}

/** A runner in a process of its own that tells what it uses. */
export interface Target {
	readonly port: number;
	/** Every route that it serves, as `METHOD /path/:with/parameters`. */
	readonly routes: readonly string[];
	/** `turns` starts and ends the watch of the event loop's turns, which takes all the time that is left. */
	usage(turns?: boolean): Promise<Usage>;
	/** Its usage once it has nothing left to do. */
	idle(): Promise<Usage>;
	/** Lines of its log that tell of a fault of its own. */
	faults(): string[];
	stop(): Promise<void>;
}

const FAULT = /a request failed|TypeError|"level":60/;

/** More than a process with nothing to do uses in `REST_MS`. */
const NOTHING_MS = 1.5;
const REST_MS = 15;

export async function startTarget(config: Record<string, unknown>): Promise<Target> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-attack-'));
	const file = join(dir, 'config.json');
	writeFileSync(file, JSON.stringify({ log_level: 'debug', ...config }));
	const usageReport = join(process.cwd(), 'test/attack/report-usage.mjs');
	const child = spawn(
		process.execPath,
		[
			'--import',
			usageReport,
			...RUNNER,
			'serve',
			'--config',
			file,
			'--data-dir',
			dir,
			'--port',
			'0',
		],
		{ stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
	);
	let out = '';
	let log = '';
	child.stdout?.on('data', (chunk: Buffer) => {
		if (out.length < 10_000) out += chunk.toString();
	});
	child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));

	const asked = new Map<number, (usage: Usage) => void>();
	child.on('message', (message) => {
		// Our own reporter's.
		const { id, ...usage } = message as Usage & { id: number };
		asked.get(id)?.(usage);
		asked.delete(id);
	});
	let last = 0;
	const usage = (turns?: boolean): Promise<Usage> =>
		new Promise((resolve, reject) => {
			const id = ++last;
			asked.set(id, resolve);
			if (!child.connected) return reject(new Error(`The runner ended:\n${log.slice(-2000)}`));
			child.send({ id, turns });
		});

	const portOf = (): number => Number(/listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(out)?.[1] ?? 0);
	await waitUntil('the runner listens', () => portOf() > 0 || child.exitCode !== null);
	if (child.exitCode !== null) throw new Error(`The runner ended:\n${log}`);
	return {
		port: portOf(),
		routes: routesIn(log),
		usage,
		async idle() {
			let before = await usage();
			for (let i = 0; i < 200; i++) {
				await wait(REST_MS);
				const now = await usage();
				if (now.cpuMs - before.cpuMs < NOTHING_MS) return now;
				before = now;
			}
			return before;
		},
		faults: () => log.split('\n').filter((line) => FAULT.test(line)),
		async stop() {
			child.kill('SIGKILL');
			await exited;
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

function routesIn(log: string): string[] {
	const line = log.split('\n').find((one) => one.includes('these routes are served'));
	if (line === undefined) throw new Error('The runner did not log its routes');
	const { routes } = JSON.parse(line) as { routes: string[] }; // The line that was found.
	return routes;
}
