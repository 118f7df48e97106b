import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { cacheDirectory } from '../../runner/bin/node24.mjs';
import { cachedInstall } from './cached-install.mjs';

const MAJOR = 20;

/** The path of a Node 20, the oldest that n8n runs on: the machine's, or the npm package `node`, kept in the cache folder. */
export async function ensureNode20(env = process.env) {
	const folders = (env.PATH ?? '').split(delimiter);
	const found = folders.map((folder) => join(folder, 'node')).find(is20);
	if (found) return found;
	const directory = join(cacheDirectory(env), `node-${MAJOR}`);
	await cachedInstall({
		directory,
		manifest: { dependencies: { node: String(MAJOR) } },
		npmArgs: ['--ignore-scripts=false'],
		node: process.execPath,
		announce: `Getting Node.js ${MAJOR} from npm (once)…`,
	});
	return join(directory, 'node_modules', 'node', 'bin', 'node');
}

function is20(path) {
	try {
		const version = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
		return version.startsWith(`v${MAJOR}.`);
	} catch {
		return false;
	}
}
