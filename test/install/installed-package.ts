import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type PackageName, stagePackage } from '../../scripts/stage/stage.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const execute = promisify(execFile);

export interface InstalledPackage {
	/** The empty folder that a user ran `npm install` in. */
	readonly folder: string;
	/** `node_modules/NAME` in it. */
	readonly path: string;
	readonly packedBytes: number;
	/** Everything in node_modules. */
	readonly installedBytes: number;
}

/**
 * A package as a stranger gets it: staged, packed by npm, and installed from the tarball into an empty folder.
 * @param flags of `npm install`
 */
export async function installPackage(
	name: PackageName,
	flags: readonly string[] = [],
): Promise<InstalledPackage> {
	const workshop = temporaryDirectory('packed');
	const staged = join(workshop, name);
	await stagePackage(process.cwd(), name, staged);
	const { stdout } = await npm(staged, 'pack', `--pack-destination=${workshop}`, '--silent');
	const tarball = join(workshop, stdout.trim());

	const folder = temporaryDirectory('installed');
	await npm(folder, 'install', tarball, '--no-audit', '--no-fund', ...flags);
	const modules = join(folder, 'node_modules');
	return {
		folder,
		path: join(modules, name),
		packedBytes: statSync(tarball).size,
		installedBytes: filesIn(modules)
			.map((file) => statSync(join(modules, file)).size)
			.reduce((sum, size) => sum + size, 0),
	};
}

/** Paths of the files below a folder, in the order of the alphabet. */
export function filesIn(folder: string): readonly string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort();
}

/** npm as in a shell of the user's own: without the settings of the npm that runs the tests. */
export async function npm(cwd: string, ...args: string[]): Promise<{ stdout: string }> {
	return await execute('npm', args, { cwd, env: ownShell() });
}

/** The environment of a shell of the user's own. */
export function ownShell(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(
			([name]) => !/^npm_(?!config_(cache|registry)$)|^INIT_CWD$/i.test(name),
		),
	);
}
