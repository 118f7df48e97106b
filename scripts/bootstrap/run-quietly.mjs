import { spawn } from 'node:child_process';

/** Runs a program silently, unless it fails: then its output is printed and the bootstrap ends with its code. */
export async function runQuietly(file, args, options = {}) {
	const output = [];
	const code = await new Promise((resolve, reject) => {
		const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
		child.stdout.on('data', (chunk) => output.push(chunk));
		child.stderr.on('data', (chunk) => output.push(chunk));
		child.on('error', reject);
		child.on('close', (exitCode) => resolve(exitCode ?? 1));
	});
	if (code === 0) return;
	process.stderr.write(Buffer.concat(output));
	console.error(`\nThat did not work (exit code ${code}): ${[file, ...args].join(' ')}`);
	process.exit(code);
}
