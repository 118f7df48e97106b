import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { SWAGGER_UI_FILES } from './http/openapi/docs-page.ts';

/**
 * Packages that stay outside of the bundle, so that whoever has them may install them beside it. `pg` asks for the first
 * one and does without it.
 */
const OUTSIDE = ['pg-native'];

/** The files of the threads that the runner starts. */
const THREADS = [
	'store/sqlite/db/read-thread.ts',
	'store/sqlite/db/checkpoint-thread.ts',
	'directory/calendar-thread.ts',
];

/** Packages that came with npm call `require`, which a module does not have. */
const BANNER = `#!/usr/bin/env node
import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

const OPTIONS = {
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node24',
	sourcemap: true,
	// The sources are in the clone, and the package has no maps: its names are not shortened.
	sourcesContent: false,
	metafile: true,
	external: OUTSIDE,
	logLevel: 'warning',
} satisfies BuildOptions;

/**
 * The engine and every npm dependency inside, so that the package installs nothing else. Modules that a command imports
 * only when it runs become files of their own, so that `sureping send` does not load a server; so do the
 * `THREADS`.
 * @returns the sources that the bundle was made of, relative to the working directory
 */
export async function bundleRunner(
	entry: string,
	outfile: string,
	plugins: Plugin[] = [],
): Promise<readonly string[]> {
	const [outdir, extension] = [dirname(outfile), extname(outfile)];
	const main = await build({
		...OPTIONS,
		entryPoints: [{ in: entry, out: basename(outfile, extension) }],
		outdir,
		outExtension: { '.js': extension },
		splitting: true,
		banner: { js: BANNER },
		plugins,
	});
	const threads = await build({
		...OPTIONS,
		entryPoints: THREADS.map((file) => ({
			in: fileURLToPath(new URL(file, import.meta.url)),
			out: basename(file, '.ts'),
		})),
		outdir,
		outExtension: { '.js': extension },
	});
	const files = await copySwaggerUi(join(outdir, 'swagger-ui'));
	return [...Object.keys(main.metafile.inputs), ...Object.keys(threads.metafile.inputs), ...files];
}

async function copySwaggerUi(folder: string): Promise<readonly string[]> {
	const manifest = createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json');
	await mkdir(folder, { recursive: true });
	return await Promise.all(
		SWAGGER_UI_FILES.map(async (name) => {
			const file = join(dirname(manifest), 'static', name);
			await cp(file, join(folder, name));
			return file;
		}),
	);
}
