import { spawn } from 'node:child_process';

export type Verdict = 'passed' | 'failed' | 'hung';

/** Runs tests until the first fails. */
export function runTests(
	directory: string,
	tests: readonly string[],
	timeoutMs: number,
): Promise<Verdict> {
	const args = ['node_modules/jest/bin/jest.js', ...tests, '--bail', '--silent', '--runInBand'];
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [...args, '--forceExit', '--selectProjects=unit'], {
			cwd: directory,
			stdio: 'ignore',
			// Its own group, so that what a test has started ends with it.
			detached: true,
		});
		let hung = false;
		const end = (): void => {
			try {
				if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
			} catch {
				// The whole group has ended.
			}
		};
		const timer = setTimeout(() => {
			hung = true;
			end();
		}, timeoutMs);
		process.once('exit', end);
		child.on('error', reject);
		child.on('close', (code) => {
			clearTimeout(timer);
			process.off('exit', end);
			end();
			resolve(hung ? 'hung' : code === 0 ? 'passed' : 'failed');
		});
	});
}
