import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Starts a program and resolves with it and with what matched, once it prints a line that says that it is ready.
 * @param errors the file that takes its standard error; without it, it is the benchmark's own
 */
export async function startProgram(
	command: string,
	args: readonly string[],
	ready: RegExp,
	errors?: string,
): Promise<{ child: ChildProcess; match: RegExpExecArray }> {
	const file = errors === undefined ? undefined : openSync(errors, 'a');
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', file ?? 'inherit'] });
	if (file !== undefined) closeSync(file);
	const { stdout } = child;
	if (!stdout) throw new Error('Its standard output is a pipe');
	for await (const line of createInterface({ input: stdout })) {
		const match = ready.exec(line);
		if (match) {
			// It may go on talking; nobody listens.
			stdout.resume();
			return { child, match };
		}
	}
	if (errors !== undefined) process.stderr.write(readFileSync(errors));
	throw new Error(`${command} ${args.join(' ')} ended before it was ready`);
}

/** Starts a program of the benchmark under this Node and resolves with the port that it says it listens on. */
export async function startServer(
	args: readonly string[],
	errors?: string,
): Promise<{ port: number; child: ChildProcess }> {
	const listening = /(?:listening |127\.0\.0\.1:)(\d+)/;
	const { child, match } = await startProgram(process.execPath, args, listening, errors);
	return { port: Number(match[1]), child };
}

/** Runs a program to its end and resolves with what it printed. */
export function runToEnd(command: string, args: readonly string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		let out = '';
		child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
		child.once('error', reject);
		child.once('close', (code) => {
			if (code === 0) resolve(out);
			else reject(new Error(`${command} ${args.join(' ')} exited with ${code}`));
		});
	});
}

/** Runs a command; true if it is there and succeeds. */
export function succeeds(command: string, args: readonly string[]): boolean {
	return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

export async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = new Promise((resolve) => child.once('close', resolve));
	child.kill('SIGTERM');
	await ended;
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
