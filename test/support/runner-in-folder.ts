import { spawn } from 'node:child_process';
import { RUNNER } from './runner-process.ts';
import { waitUntil } from './wait-until.ts';

export interface RunnerInFolder {
	readonly url: string;
	/** Ends it and waits for its end. */
	stop(): Promise<void>;
}

/**
 * Starts a runner in a folder that has a `sureping.yaml`, on a free port and with no other option.
 * @param command of `serve`, by default that of the clone
 */
export async function startInFolder(
	folder: string,
	command: readonly string[] = [process.execPath, ...RUNNER, 'serve'],
	env: NodeJS.ProcessEnv = process.env,
): Promise<RunnerInFolder> {
	const [program = '', ...args] = command;
	const child = spawn(program, [...args, '--port', '0'], {
		cwd: folder,
		env,
		stdio: ['ignore', 'pipe', 'pipe'],
		// A group of its own: npx starts a shell, and that the runner.
		detached: true,
	});
	let out = '';
	let err = '';
	child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
	const exited = new Promise((resolve) => child.once('exit', resolve));
	const stop = async (): Promise<void> => {
		if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
		await exited;
	};
	let url: string | undefined;
	try {
		await waitUntil('the runner listens', () => {
			url = /listens on (http:\S+)/.exec(out)?.[1];
			return url !== undefined || child.exitCode !== null;
		});
	} catch (error) {
		await stop();
		throw error;
	}
	if (url === undefined) throw new Error(`The runner ended:\n${err}`);
	return { url, stop };
}
