import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
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
 * The engine inside (it is not published) and the npm dependencies outside. Modules that a command imports only when it
 * runs become files of their own, so that `sureping send` does not load a server; so does the thread that the SQLite
 * store starts.
 */
export async function bundleRunner(
	entry: string,
	outfile: string,
	plugins: Plugin[] = [],
): Promise<void> {
	const manifest = new URL('package.json', import.meta.url);
	// Our own package.json.
	const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: object };
	const [outdir, extension] = [dirname(outfile), extname(outfile)];
	await build({
		...OPTIONS,
		entryPoints: [{ in: entry, out: basename(outfile, extension) }],
		outdir,
		outExtension: { '.js': extension },
		splitting: true,
		external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
		banner: { js: '#!/usr/bin/env node' },
		plugins,
	});
	await build({
		...OPTIONS,
		entryPoints: [fileURLToPath(new URL('store/sqlite/db/read-thread.ts', import.meta.url))],
		outfile: join(outdir, `read-thread${extension}`),
	});
}
