import { spawn } from 'node:child_process';

/** Runs a program and resolves to its exit code, everything that it printed, and how long it took. */
export function captured(file, args, options) {
	return new Promise((resolve, reject) => {
		const started = Date.now();
		const output = [];
		const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
		child.stdout.on('data', (chunk) => output.push(chunk));
		child.stderr.on('data', (chunk) => output.push(chunk));
		child.on('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)));
		child.on('close', (code) =>
			resolve({
				code: code ?? 1,
				output: Buffer.concat(output).toString(),
				seconds: Math.round((Date.now() - started) / 1000),
			}),
		);
	});
}
