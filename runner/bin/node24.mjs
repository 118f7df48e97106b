import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The runner uses node:sqlite as Node 24 has it, and n8n itself requires this version. */
export const REQUIRED_MAJOR = 24;

/** The cache for a Node and, for the tests, an n8n, shared by all clones. */
export function cacheDirectory(env = process.env) {
	return env.SUREPING_CACHE_DIR || join(env.XDG_CACHE_HOME || join(home(), '.cache'), 'sureping');
}

/** A user without an entry in /etc/passwd, such as that of a container, has no home directory unless HOME names one. */
function home() {
	try {
		return homedir();
	} catch {
		// Only root can write there: a program from a folder that all can write to must not be run.
		return '/';
	}
}

/** The folder in the cache that holds the npm package `node`, which carries the binary. */
export const cachedNodeDirectory = (env = process.env) =>
	join(cacheDirectory(env), `node-${REQUIRED_MAJOR}`);

/** The path of a Node that is new enough: the one running this, or the cached one; undefined if there is neither. */
export function findNode24(env = process.env) {
	if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) return process.execPath;
	const binary = process.platform === 'win32' ? 'node.exe' : 'node';
	const cached = join(cachedNodeDirectory(env), 'node_modules', 'node', 'bin', binary);
	return existsSync(cached) ? cached : undefined;
}
