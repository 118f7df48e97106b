import { readFileSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

/** One file with the engine inside (it is not published) and the npm dependencies outside. */
export async function bundleRunner(
	entry: string,
	outfile: string,
	plugins: Plugin[] = [],
): Promise<void> {
	const manifest = new URL('package.json', import.meta.url);
	// Our own package.json.
	const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: object };
	await build({
		entryPoints: [entry],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node24',
		external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
		banner: { js: '#!/usr/bin/env node' },
		sourcemap: true,
		logLevel: 'warning',
		plugins,
	});
}
