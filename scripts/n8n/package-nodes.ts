import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stagePackage } from '../stage/stage.ts';

const execute = promisify(execFile);

/**
 * Packs the n8n package in `packageRoot` and installs the tarball as n8n's "Install a community node" does: into the
 * user's `nodes` folder, without scripts and without a second n8n-workflow.
 * @param userFolder the folder that n8n gets as N8N_USER_FOLDER
 */
export async function installPackedNodes(packageRoot: string, userFolder: string): Promise<void> {
	const nodes = join(userFolder, '.n8n', 'nodes');
	await mkdir(nodes, { recursive: true });
	const tarball = await packNodes(packageRoot, nodes);
	// A local tarball of the same version would not be unpacked again.
	await rm(join(nodes, 'node_modules'), { recursive: true, force: true });
	await npm(nodes, [
		'install',
		`./${tarball}`,
		'--prefix=.',
		'--ignore-scripts',
		'--legacy-peer-deps',
		'--no-package-lock',
		'--no-audit',
		'--no-fund',
	]);
}

/** The tarball that would be published, by its name in `destination`. */
export async function packNodes(packageRoot: string, destination: string): Promise<string> {
	const staged = await mkdtemp(join(destination, 'staged-'));
	try {
		await stagePackage(packageRoot, 'n8n-nodes-sureping', staged);
		const { stdout } = await npm(staged, ['pack', `--pack-destination=${destination}`, '--silent']);
		return stdout.trim();
	} finally {
		await rm(staged, { recursive: true, force: true });
	}
}

const npm = (cwd: string, args: string[]) =>
	execute('npm', args, { cwd, shell: process.platform === 'win32' });
