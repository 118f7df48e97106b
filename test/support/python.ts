import { spawnSync } from 'node:child_process';

/** True if a real Python is installed; tests that need one are skipped otherwise. */
export const hasPython = spawnSync('python3', ['--version']).status === 0;

export const describeWithPython = hasPython ? describe : describe.skip;

/** Runs a script with this standard input and gives its standard output. */
export function python(script: string, input: string): string {
	const { status, stdout, stderr } = spawnSync('python3', ['-c', script], {
		input,
		encoding: 'utf8',
		env: { ...process.env, PYTHONIOENCODING: 'utf-8', PYTHONUTF8: '1' },
		maxBuffer: 256 * 1024 * 1024,
	});
	if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
	return stdout;
}
