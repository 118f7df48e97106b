import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COMMAND } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const execute = promisify(execFile);
const ROOT = process.cwd();

/** Our own packages, which an older commit has to take from its own folders. */
const OWN = '@sureping';

/** An older commit, built in a folder of its own. */
export interface OlderBuild {
	/** Has the nodes in `dist/`, as n8n loads them. */
	readonly folder: string;
	/** The runner's command. */
	readonly command: string;
}

/**
 * Builds an older commit with its own build, and with the dependencies of this one.
 * @throws if the clone does not have the commit
 */
export async function buildOf(commit: string): Promise<OlderBuild> {
	const isThere = await execute('git', ['cat-file', '-e', `${commit}^{commit}`]).then(
		() => true,
		() => false,
	);
	if (!isThere) {
		throw new Error(
			`This clone has no commit ${commit}, whose nodes and runner this test builds. Get the whole history: git fetch --unshallow`,
		);
	}
	const folder = temporaryDirectory(`at-${commit}`);
	const archive = join(folder, 'archive.tar');
	await execute('git', ['archive', `--output=${archive}`, commit]);
	await execute('tar', ['-xf', archive], { cwd: folder });
	await linkDependencies('node_modules', folder);
	await linkDependencies(join('runner', 'node_modules'), folder);
	await symlink(join(folder, 'engine'), join(folder, 'node_modules', OWN, 'engine'));
	await execute(process.execPath, [join(ROOT, 'node_modules/gulp/bin/gulp.js'), 'build'], {
		cwd: folder,
	});
	return { folder, command: join(folder, COMMAND) };
}

/** A folder of links, as one link would lead to the engine of this clone. */
async function linkDependencies(path: string, folder: string): Promise<void> {
	const names = await readdir(path).catch(() => []);
	await mkdir(join(folder, path), { recursive: true });
	for (const name of names) {
		if (name === OWN) await mkdir(join(folder, path, name));
		else if (!name.startsWith('.')) await symlink(join(ROOT, path, name), join(folder, path, name));
	}
}
