import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { filesIn, type InstalledPackage, installPackage } from './installed-package.ts';
import { node20 } from './node-20.ts';

const execute = promisify(execFile);
const MB = 1024 * 1024;
const MOST_PACKED = MB / 2;
const MOST_INSTALLED = 2 * MB;

interface Manifest {
	readonly keywords: readonly string[];
	readonly n8n: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
}

const manifestOf = (folder: string): Manifest =>
	JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest; // an own one

let installed: InstalledPackage;
beforeAll(async () => {
	// n8n supplies n8n-workflow, and installs a community node without its peers and without scripts.
	installed = await installPackage('n8n-nodes-sureping', [
		...['--offline', '--legacy-peer-deps', '--ignore-scripts'],
	]);
}, 120_000);

describe('the package n8n-nodes-sureping', () => {
	it('has the classes, the icons, the search words and nothing of the clone', () => {
		const { n8n } = manifestOf('.');
		const icons = ['dist/icons/sureping.dark.svg', 'dist/icons/sureping.svg'];
		const codex = n8n.nodes.map((path) => `${path}on`);
		expect(filesIn(installed.path)).toEqual(
			[
				...n8n.credentials,
				...n8n.nodes,
				...codex,
				...icons,
				...['LICENSE', 'README.md', 'package.json'],
			].sort(),
		);
	});

	it('has a README of its own', () => {
		const readme = readFileSync(join(installed.path, 'README.md'), 'utf8');
		expect(readme).toBe(readFileSync('nodes/README.md', 'utf8'));
		for (const section of ['Installation', 'Operations', 'Credentials', 'Compatibility'])
			expect(readme).toContain(`\n## ${section}\n`);
	});

	it('keeps what n8n and npm read in its package.json', () => {
		const [source, packed] = [manifestOf('.'), manifestOf(installed.path)];
		expect(packed.n8n).toEqual(source.n8n);
		expect(packed.keywords).toContain('n8n-community-node-package');
		expect(packed).toHaveProperty('peerDependencies', { 'n8n-workflow': '*' });
		for (const name of ['scripts', 'workspaces', 'devDependencies', 'dependencies', 'private'])
			expect(packed).not.toHaveProperty(name);
	});

	it('is small and installs no other package', () => {
		expect(installed.packedBytes).toBeLessThan(MOST_PACKED);
		expect(installed.installedBytes).toBeLessThan(MOST_INSTALLED);
		const manifests = filesIn(join(installed.folder, 'node_modules')).filter((file) =>
			file.endsWith('package.json'),
		);
		expect(manifests).toEqual(['n8n-nodes-sureping/package.json']);
	});

	it('loads in Node 20 with no more than n8n brings along', async () => {
		const brought = temporaryDirectory('of-n8n');
		for (const name of ['n8n-workflow', 'zod'])
			symlinkSync(join(process.cwd(), 'node_modules', name), join(brought, name));
		const { n8n } = manifestOf(installed.path);
		const files = [...n8n.nodes, ...n8n.credentials];
		// As n8n does it: the class has the name of its file.
		const script = `
			const loaded = JSON.parse(process.argv[1]).map(([file, name]) => {
				const instance = new (require(file)[name])();
				return instance.description?.name ?? instance.name;
			});
			console.log(JSON.stringify({ version: process.version, loaded }));`;
		const classes = files.map((file) => [
			join(installed.path, file),
			basename(file).replace(/\..*$/, ''),
		]);
		const { stdout } = await execute(await node20(), ['-e', script, JSON.stringify(classes)], {
			// n8n sets it when it starts.
			env: { PATH: '', NODE_PATH: brought },
		});
		// The script's.
		const { version, loaded } = JSON.parse(stdout) as { version: string; loaded: string[] };
		expect(version).toMatch(/^v20\./);
		expect(loaded).toHaveLength(files.length);
		expect(loaded).toEqual(
			expect.arrayContaining([
				'sendNotification',
				'webhookTrigger',
				'pollingTrigger',
				'surepingApi',
			]),
		);
	}, 180_000);
});
