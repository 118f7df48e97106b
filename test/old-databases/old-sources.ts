import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/**
 * The full id of a commit.
 * @throws when the clone has no such commit, as one without history
 */
export function idOf(commit: string): string {
	try {
		return git('rev-parse', '--verify', `${commit}^{commit}`).toString().trim();
	} catch (error) {
		const remedy = 'Get the history of the clone: git fetch --unshallow';
		throw new Error(`There is no commit ${commit} here. ${remedy}`, { cause: error });
	}
}

/** Writes some folders and files of a commit into a directory. */
export function writeSources(commit: string, paths: readonly string[], directory: string): void {
	const archive = git('archive', '--format=tar', idOf(commit), ...paths);
	mkdirSync(directory, { recursive: true });
	execFileSync('tar', ['-x', '-C', directory], { input: archive });
}

function git(...args: readonly string[]): Buffer {
	return execFileSync('git', args, {
		cwd: process.cwd(),
		maxBuffer: 256 * 1024 * 1024,
		stdio: 'pipe',
	});
}
