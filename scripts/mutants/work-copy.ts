import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Installed or built folders, which no mutation changes. */
const SHARED = [
	'node_modules',
	'runner/node_modules',
	'test/openapi/node_modules',
	'dist',
	'runner/dist',
];

export interface WorkCopy {
	readonly directory: string;
	/** Of the clone, as paths from its root. */
	readonly files: readonly string[];
	dispose(): void;
}

/** The clone with its uncommitted changes, copied to a directory where it may be broken. */
export function copyWork(root: string): WorkCopy {
	const directory = mkdtempSync(join(tmpdir(), 'sureping-mutants-'));
	const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
		cwd: root,
		encoding: 'utf8',
	});
	const files = listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
	for (const file of files) {
		mkdirSync(join(directory, dirname(file)), { recursive: true });
		copyFileSync(join(root, file), join(directory, file));
	}
	for (const path of SHARED) {
		if (existsSync(join(root, path))) symlinkSync(join(root, path), join(directory, path));
	}
	return { directory, files, dispose: () => rmSync(directory, { recursive: true, force: true }) };
}
