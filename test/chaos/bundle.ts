import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { bundleRunner } from '../../runner/bundle.ts';
import type { Edit, Mutant } from './mutants/index.ts';

/** Builds the runner that is killed, as `npm run build` builds the one that is not, and with a mutant's mistake in it. */
export async function bundleVictim(root: string, outfile: string, mutant?: Mutant): Promise<void> {
	const sources = mutant ? mutatedSources(root, mutant) : new Map<string, string>();
	await bundleRunner(join(root, 'test/chaos/runner/main.ts'), outfile, [substitute(sources)]);
}

/**
 * The files of a mutant's edits, by their paths, with the mistake in them.
 * @throws when an original is not there, or not once: the product has moved on, and the mutant has to follow
 */
export function mutatedSources(root: string, { name, edits }: Mutant): Map<string, string> {
	const sources = new Map<string, string>();
	for (const edit of edits) {
		const file = join(root, edit.file);
		sources.set(file, mutate(sources.get(file) ?? readFileSync(file, 'utf8'), edit, name));
	}
	return sources;
}

function mutate(source: string, { file, original, mutated }: Edit, name: string): string {
	const found = source.split(original).length - 1;
	if (found !== 1) {
		throw new Error(`The mutant ${name} found its original ${found} times in ${file}, not once`);
	}
	return source.replace(original, () => mutated);
}

const substitute = (sources: ReadonlyMap<string, string>): Plugin => ({
	name: 'substitute',
	setup(build) {
		build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
			const contents = sources.get(path);
			return contents === undefined ? undefined : { contents, loader: 'ts' };
		});
	},
});
