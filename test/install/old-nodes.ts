import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeSources } from '../old-databases/old-sources.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Here they are this clone's. */
const SUPPLIED_BY_N8N = ['n8n-workflow', 'zod'];

interface Manifest {
	readonly n8n: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
}

/**
 * Builds the n8n package of a commit. Resolves with its folder, as n8n loads it.
 * @throws when the clone has no such commit, as one without history
 */
export async function buildOldNodes(commit: string): Promise<string> {
	const folder = temporaryDirectory(`nodes-${commit}`);
	writeSources(commit, ['engine', 'nodes', 'credentials', 'package.json'], folder);
	// Our own, as it was.
	const { n8n } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
	await build({
		absWorkingDir: folder,
		entryPoints: [...n8n.nodes, ...n8n.credentials].map((path) =>
			path.replace(/^dist\//, '').replace(/\.js$/, '.ts'),
		),
		outdir: 'dist',
		outbase: '.',
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		external: SUPPLIED_BY_N8N.flatMap((name) => [name, `${name}/*`]),
		logLevel: 'error',
	});
	const modules = join(folder, 'node_modules');
	mkdirSync(modules);
	for (const name of SUPPLIED_BY_N8N)
		symlinkSync(join(process.cwd(), 'node_modules', name), join(modules, name));
	return folder;
}
