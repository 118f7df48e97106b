import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publishedManifest } from './manifest.ts';

/** A package, and where its parts are in the clone. */
interface Source {
	/** The folder of its package.json. */
	readonly folder: string;
	/** Paths that the published package must have: without them it is not staged. */
	needed(manifest: Manifest): readonly string[];
	/** Files and folders that are copied as they are, by their place in the folder and in the package. */
	readonly copied: Readonly<Record<string, string>>;
	/** Members of the package.json for what is inside the package's own files. */
	readonly inside: readonly string[];
}

interface Manifest extends Readonly<Record<string, unknown>> {
	readonly name: string;
	readonly version: string;
	readonly n8n?: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
}

/** The packages, by their names. */
export const PACKAGES = {
	'n8n-nodes-sureping': {
		folder: '.',
		// Files that n8n would look for and not find.
		needed: ({ n8n }) => [...(n8n?.nodes ?? []), ...(n8n?.credentials ?? [])],
		copied: {
			'dist/nodes': 'dist/nodes',
			'dist/credentials': 'dist/credentials',
			'dist/icons': 'dist/icons',
			// The one in the root is the repository's.
			'nodes/README.md': 'README.md',
			LICENSE: 'LICENSE',
		},
		inside: [],
	},
	sureping: {
		folder: 'runner',
		needed: () => [
			'dist/sureping.js',
			'dist/read-thread.js',
			'dist/checkpoint-thread.js',
			'dist/calendar-thread.js',
			'dist/THIRD-PARTY-NOTICES.txt',
		],
		copied: {
			bin: 'bin',
			dist: 'dist',
			'config.schema.json': 'config.schema.json',
			'sureping.example.yaml': 'sureping.example.yaml',
			'README.md': 'README.md',
			LICENSE: 'LICENSE',
		},
		// Bundled: see runner/bundle.ts.
		inside: ['dependencies'],
	},
} satisfies Record<string, Source>;

export type PackageName = keyof typeof PACKAGES;

/**
 * Writes a package into a folder of its own, as it is published. Builds the clone first if a file is missing.
 * @param root the clone
 * @param target the folder, which is emptied
 * @returns the version
 * @throws if a file is missing after the build
 */
export async function stagePackage(
	root: string,
	name: PackageName,
	target: string,
): Promise<string> {
	const source: Source = PACKAGES[name];
	const folder = join(root, source.folder);
	// Our own.
	const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
	ensureBuilt(root, folder, source.needed(manifest), name);

	await rm(target, { recursive: true, force: true });
	await mkdir(target, { recursive: true });
	for (const [from, to] of Object.entries(source.copied)) {
		await mkdir(dirname(join(target, to)), { recursive: true });
		await cp(join(folder, from), join(target, to), { recursive: true, filter: isPublished });
	}
	await writeFile(join(target, 'package.json'), publishedManifest(manifest, source.inside));
	return manifest.version;
}

/** Leaves out types, and source maps: these would double the package, whose stack traces are readable as they are. */
const isPublished = (path: string): boolean => !/\.(map|d\.mts)$/.test(path);

function ensureBuilt(root: string, folder: string, needed: readonly string[], name: string): void {
	const missing = (): readonly string[] => needed.filter((path) => !existsSync(join(folder, path)));
	if (missing().length === 0) return;
	// Standard output is the caller's.
	const stdio = ['ignore', process.stderr, process.stderr] as const;
	spawnSync(process.execPath, [join('scripts', 'bootstrap.mjs'), 'build'], {
		cwd: root,
		stdio: [...stdio],
	});
	const left = missing();
	if (left.length > 0)
		throw new Error(`${name} is not packed: it has no ${left.join(', ')}. Run "npm run build".`);
}
