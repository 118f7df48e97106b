import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../runner/bin/node24.mjs';
import { npm } from './installed-package.ts';

const execute = promisify(execFile);
const MAJOR = '20';

/** The path of a Node 20, the oldest that n8n runs on: the machine's, or the npm package `node`, kept in the cache folder. */
export async function node20(): Promise<string> {
	for (const folder of (process.env.PATH ?? '').split(delimiter)) {
		const candidate = join(folder, 'node');
		if (await is20(candidate)) return candidate;
	}
	const directory = join(cacheDirectory(), `node-${MAJOR}`);
	const cached = join(directory, 'node_modules', 'node', 'bin', 'node');
	if (!(await is20(cached))) {
		const flags = ['--ignore-scripts=false', '--no-audit', '--no-fund', '--no-save'];
		await npm(process.cwd(), 'install', `node@${MAJOR}`, `--prefix=${directory}`, ...flags);
	}
	await access(cached);
	return cached;
}

async function is20(path: string): Promise<boolean> {
	try {
		const { stdout } = await execute(path, ['--version']);
		return stdout.startsWith(`v${MAJOR}.`);
	} catch {
		return false;
	}
}
