import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Starts a program of the benchmark and resolves with the port that it says it listens on. */
export async function startServer(
	args: readonly string[],
): Promise<{ port: number; child: ChildProcess }> {
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	for await (const line of createInterface({ input: child.stdout })) {
		const port = /(?:listening |127\.0\.0\.1:)(\d+)/.exec(line)?.[1];
		if (port) {
			// It may go on talking; nobody listens.
			child.stdout.resume();
			return { port: Number(port), child };
		}
	}
	throw new Error(`${args.join(' ')} ended before it listened`);
}

/** Runs a program to its end and resolves with what it printed. */
export function runToEnd(args: readonly string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		let out = '';
		child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
		child.once('close', (code) => {
			if (code === 0) resolve(out);
			else reject(new Error(`${args.join(' ')} exited with ${code}`));
		});
	});
}

export async function end(child: ChildProcess): Promise<void> {
	const ended = new Promise((resolve) => child.once('close', resolve));
	child.kill('SIGTERM');
	await ended;
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
