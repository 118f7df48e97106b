import { spawn } from 'node:child_process';
import { RUNNER } from './runner-process.ts';

export interface CliResult {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** Runs the built `sureping` beside the test, so that servers of the test can answer it; in `cwd`, by default the clone. */
export function sureping(
	args: readonly string[],
	env: Record<string, string> = {},
	cwd?: string,
): Promise<CliResult> {
	const child = spawn(process.execPath, [...RUNNER, ...args], {
		...(cwd === undefined ? {} : { cwd }),
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: 60_000,
	});
	let out = '';
	let err = '';
	child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
	return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}
