import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packNodes } from '../../scripts/n8n/package-nodes.ts';

const execute = promisify(execFile);
const ROOT = process.cwd();

interface Manifest {
	readonly n8n: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
}

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'sureping-pack-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A clone after `git clone` and `npm ci`: the sources and the dependencies. */
async function freshClone(): Promise<string> {
	const clone = join(folder, 'clone');
	const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
	const { stdout } = await execute('git', args, { maxBuffer: 16 * 1024 * 1024 });
	for (const path of stdout.split('\0').filter((name) => name !== '' && !isLarge(name))) {
		await mkdir(dirname(join(clone, path)), { recursive: true });
		await cp(path, join(clone, path)).catch(ignoreMissing);
	}
	await linkAll('node_modules', clone);
	await linkAll(join('runner', 'node_modules'), clone).catch(ignoreMissing);
	return clone;
}

/** Not needed to build, and most of what there is. */
const isLarge = (path: string): boolean => /^(test|docs|bench)\//.test(path);

/** A folder of links, so that what a build notes there is not the clone's that runs this test. */
async function linkAll(path: string, clone: string): Promise<void> {
	const names = await readdir(path);
	await mkdir(join(clone, path), { recursive: true });
	for (const name of names) {
		const [from, to] = [join(ROOT, path, name), join(clone, path, name)];
		// The stamp of the build is about the other dist.
		if (name === '.sureping-install') await cp(from, to);
		else if (!name.startsWith('.sureping-')) await symlink(from, to);
	}
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
	if (error.code !== 'ENOENT') throw error;
}

it('a package that is packed in a fresh clone has every node and credential', async () => {
	const clone = await freshClone();
	const tarball = await packNodes(clone, folder);
	const { stdout } = await execute('tar', ['-tzf', join(folder, tarball)]);
	const packed = stdout.split('\n');
	// Our own.
	const { n8n } = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;
	const listed = [...n8n.nodes, ...n8n.credentials].map((path) => `package/${path}`);
	expect(listed.filter((path) => !packed.includes(path))).toEqual([]);
	expect(packed).toEqual(expect.arrayContaining(['package/dist/icons/sureping.svg']));
}, 300_000);

it('a package that cannot be built is not packed, and what it lacks is said', async () => {
	const clone = join(folder, 'clone');
	await rm(join(clone, 'dist'), { recursive: true, force: true });
	await rm(join(clone, 'credentials', 'SurepingApi.credentials.ts'));
	await expect(packNodes(clone, folder)).rejects.toThrow(
		/n8n-nodes-sureping is not packed: it has no dist\/credentials\/SurepingApi\.credentials\.js/,
	);
}, 300_000);
