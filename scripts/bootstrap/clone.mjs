import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentFor, npm } from './npm.mjs';
import { runQuietly } from './run-quietly.mjs';

/** Beside what they describe: `npm ci` removes node_modules first, so an interrupted install leaves no stamp. */
const INSTALL_STAMP = 'node_modules/.sureping-install';
const BUILD_STAMP = 'node_modules/.sureping-build';

const BUILD_INPUTS = [
	'nodes',
	'credentials',
	'engine',
	'runner',
	'icons',
	'gulpfile.js',
	'package.json',
];
const NOT_SOURCES = new Set(['dist', 'node_modules']);

/** From the smallest to the largest, each with all of the one before. */
const SCOPES = ['runner', 'site', 'all'];

/** The workspaces of a scope; `all` is everything that package-lock.json names. */
const WORKSPACES = {
	// A few seconds: its dependencies and the build's.
	runner: ['engine', 'runner'],
	site: ['engine', 'runner', 'site'],
};

const read = (path) => readFile(path, 'utf8').catch(() => '');

/**
 * Installs what the task needs if it is missing or package-lock.json changed.
 * @param scope one of SCOPES
 */
export async function installDependencies(root, node, scope) {
	const lock = createHash('sha256')
		.update(await readFile(join(root, 'package-lock.json')))
		.digest('hex');
	const [installedLock, installedScope] = (await read(join(root, INSTALL_STAMP))).split(' ');
	// Packages stay once they are installed: `npm start` after a pull must not remove those of the tests.
	const wanted = SCOPES.indexOf(installedScope) > SCOPES.indexOf(scope) ? installedScope : scope;
	if (installedLock === lock && installedScope === wanted) return;
	console.log(
		installedLock ? 'Installing dependencies…' : 'Installing dependencies (first run only)…',
	);
	await npm(node, root, [
		'ci',
		'--no-audit',
		'--no-fund',
		...(WORKSPACES[wanted] ?? []).map((name) => `--workspace=${name}`),
	]);
	await writeFile(join(root, INSTALL_STAMP), `${lock} ${wanted}`);
}

/** Builds if a source is not the one that the last build saw. */
export async function build(root, node) {
	const hash = createHash('sha256');
	for (const input of BUILD_INPUTS) await addTo(hash, join(root, input));
	const sources = hash.digest('hex');
	if (existsSync(join(root, 'dist')) && (await read(join(root, BUILD_STAMP))) === sources) return;
	console.log('Building…');
	const gulp = join(root, 'node_modules', 'gulp', 'bin', 'gulp.js');
	await runQuietly(node, [gulp, 'build'], { cwd: root, env: environmentFor(node) });
	await writeFile(join(root, BUILD_STAMP), sources);
}

async function addTo(hash, path) {
	const found = await stat(path).catch(() => undefined);
	if (!found) return;
	if (!found.isDirectory()) {
		hash.update(`${path}:${found.size}:${found.mtimeMs}\n`);
		return;
	}
	for (const name of (await readdir(path)).sort())
		if (!NOT_SOURCES.has(name)) await addTo(hash, join(path, name));
}
