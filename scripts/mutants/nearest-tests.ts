import { readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

const IMPORT = /(?:from|import) ?\(? ?['"]([^'"\n]+)['"]/g;
const IS_TEST = /\.test\.ts$/;

/**
 * The tests that exercise a file most closely: those with the fewest imports between them, and of these the ones that lie
 * and are named as it does.
 * @param files all sources and tests, as paths from `root`
 */
export function nearestTests(
	root: string,
	files: readonly string[],
	of: string,
	most: number,
): string[] {
	const importers = importersOf(root, files);
	const distances = new Map([[of, 0]]);
	for (const queue = [of]; queue.length > 0;) {
		const file = queue.shift() ?? '';
		for (const next of importers.get(file) ?? []) {
			if (distances.has(next)) continue;
			distances.set(next, (distances.get(file) ?? 0) + 1);
			queue.push(next);
		}
	}
	const closeness = (test: string): number => {
		const words = new Set(wordsOf(of));
		const shared = wordsOf(test).filter((word) => words.has(word)).length;
		// A word in common counts for more than an import less: everything imports a folder's index.
		return shared * 2 - (distances.get(test) ?? 0);
	};
	return [...distances.keys()]
		.filter((file) => IS_TEST.test(file))
		.sort((a, b) => closeness(b) - closeness(a) || a.localeCompare(b))
		.slice(0, most);
}

function wordsOf(path: string): string[] {
	const name = basename(path).replace(/(\.test)?\.ts$/, '');
	return [...dirname(path).split('/'), name, ...name.split('-')];
}

function importersOf(
	root: string,
	files: readonly string[],
): ReadonlyMap<string, readonly string[]> {
	const known = new Set(files);
	const importers = new Map<string, string[]>();
	for (const file of files) {
		for (const [, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
			const path = name.startsWith('.')
				? normalize(join(dirname(file), name))
				: name === '@sureping/engine'
					? 'engine/index.ts'
					: '';
			if (!known.has(path)) continue;
			const all = importers.get(path);
			if (all) all.push(file);
			else importers.set(path, [file]);
		}
	}
	return importers;
}
