import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { PUBLISHED } from '../../published.ts';
import { shellWord } from '../../words/index.ts';

/** The program as it was called. */
export interface Call {
	/** Path of the script, as in `process.argv[1]`. */
	readonly script: string;
	readonly path: string;
	readonly cwd: string;
}

/**
 * How a person calls this program in `dir`: by `npx` where that finds it, by its name, or by its path.
 * @param published whether npx finds it in the registry
 */
export function commandIn(dir: string, { script, path, cwd }: Call, published = PUBLISHED): string {
	if (published || isInstalledAbove(dir)) return 'npx sureping';
	const folder = dirname(resolve(cwd, script));
	const isOnPath =
		basename(folder) !== '.bin' &&
		path.split(delimiter).some((one) => resolve(cwd, one) === folder);
	return isOnPath && /^sureping(\.cmd)?$/.test(basename(script))
		? 'sureping'
		: `node ${shellWord(realPath(resolve(cwd, script)))}`;
}

/** The file behind a link: `node_modules/.bin/sureping` is a link to `bin/sureping.mjs`. */
function realPath(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
}

/** npx looks for a command in the folders `node_modules/.bin` from the working directory up. */
function isInstalledAbove(dir: string): boolean {
	if (existsSync(join(dir, 'node_modules', '.bin', 'sureping'))) return true;
	const above = dirname(dir);
	return above !== dir && isInstalledAbove(above);
}
