import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const OPTIONS = {
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node24',
	sourcemap: true,
	logLevel: 'warning',
} satisfies BuildOptions;

/**
 * Bundles the runner into one file with the engine inside (it is not published) and the npm dependencies outside, and
 * beside it the thread that the SQLite store starts.
 */
export async function bundleRunner(
	entry: string,
	outfile: string,
	plugins: Plugin[] = [],
): Promise<void> {
	const manifest = new URL('package.json', import.meta.url);
	// Our own package.json.
	const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: object };
	await build({
		...OPTIONS,
		entryPoints: [entry],
		outfile,
		external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
		banner: { js: '#!/usr/bin/env node' },
		plugins,
	});
	await build({
		...OPTIONS,
		entryPoints: [fileURLToPath(new URL('store/sqlite/db/read-thread.ts', import.meta.url))],
		outfile: join(dirname(outfile), `read-thread${extname(outfile)}`),
	});
}
