import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { idOf, writeSources } from './old-sources.ts';

/** A commit whose runner knows one step less than this one: the last before databases named their versions. */
export const BEFORE = 'da57bf7';

const ROOT = process.cwd();
/** Below the runner's node_modules, so that a bundle there finds the packages that it imports. */
const CACHE = join(ROOT, 'runner', 'node_modules', '.cache', 'sureping-old-runners');

/**
 * Builds the runner of a commit from its sources and this clone's dependencies, once. Resolves with its main file.
 * @throws when the clone has no such commit, as one without history
 */
export async function buildOldRunner(commit: string): Promise<string> {
	const directory = join(CACHE, idOf(commit));
	const main = join(directory, 'sureping.js');
	if (existsSync(main)) return main;
	const sources = join(directory, 'sources');
	rmSync(directory, { recursive: true, force: true });
	let isBuilt = false;
	try {
		writeSources(commit, ['engine', 'runner'], sources);
		await bundle(sources, directory);
		isBuilt = true;
	} finally {
		rmSync(isBuilt ? sources : directory, { recursive: true, force: true });
	}
	return main;
}

/** The same build for all commits: what they import from node_modules stays outside, as in their own builds. */
async function bundle(sources: string, outdir: string): Promise<void> {
	const manifest = readFileSync(join(sources, 'runner', 'package.json'), 'utf8');
	// Our own package.json, as it was.
	const { dependencies } = JSON.parse(manifest) as { dependencies: object };
	const readThread = [
		'runner/store/sqlite/db/read-thread.ts',
		'runner/store/sqlite/read-thread.ts',
	].find((path) => existsSync(join(sources, path)));
	const entry = (path: string, out: string): { in: string; out: string } => ({
		in: join(sources, path),
		out,
	});
	await build({
		entryPoints: [
			entry('runner/cli/main.ts', 'sureping'),
			...(readThread === undefined ? [] : [entry(readThread, 'read-thread')]),
		],
		outdir,
		bundle: true,
		splitting: true,
		platform: 'node',
		format: 'esm',
		target: 'node24',
		logLevel: 'error',
		alias: { '@sureping/engine': join(sources, 'engine', 'index.ts') },
		external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
	});
}
