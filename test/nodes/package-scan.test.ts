import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packNodes } from '../../scripts/n8n/package-nodes.ts';
import type { Scan } from '../../scripts/n8n/scan.ts';

const execute = promisify(execFile);
const ROOT = process.cwd();

/** The scanner's two legs; it does not look at the engine, which every packed node contains. */
const SOURCES = ['package.json', '{nodes,credentials}/**/*.{js,ts,json}', 'engine/**/*.ts'];
const PACKED = ['**/*.js', 'package.json'];

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'sureping-scan-'));
});

afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
});

/** In a Node of its own: the plugins are ESM only, which jest cannot import. */
async function scan(directory: string, patterns: readonly string[]): Promise<Scan> {
	const script = join(ROOT, 'scripts/n8n/scan.ts');
	const { stdout } = await execute(process.execPath, [script, directory, ...patterns], {
		// jest's "test" would have eslint-plugin-n8n-nodes-base take every file for its own tests'.
		env: { ...process.env, NODE_ENV: 'production' },
		maxBuffer: 64 * 1024 * 1024,
	});
	return JSON.parse(stdout) as Scan; // what the script printed
}

async function unpacked(): Promise<string> {
	const tarball = await packNodes(ROOT, folder);
	await execute('tar', ['-xzf', tarball], { cwd: folder });
	return join(folder, 'package');
}

describe("n8n's package scanner", () => {
	it('finds nothing in the sources and nothing in the packed package', async () => {
		const [sources, packed] = await Promise.all([
			scan(ROOT, SOURCES),
			unpacked().then((directory) => scan(directory, PACKED)),
		]);
		expect([...sources.findings, ...packed.findings]).toEqual([]);
		// Every class that n8n loads is one of them.
		expect(packed.files).toBeGreaterThanOrEqual(8);
		const count = `0 findings in ${sources.files} sources and ${packed.files} packed files`;
		process.stdout.write(`n8n's package scanner: ${count}\n`);
	}, 180_000);
});

/** A package with these files in place of ours, so that a rule that stopped working is noticed. */
async function planted(name: string, files: Readonly<Record<string, string>>): Promise<string> {
	const directory = join(folder, name);
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(directory, path)), { recursive: true });
		await writeFile(join(directory, path), text);
	}
	return directory;
}

/** `file rule` of everything that was found, without the plugins' names. */
const named = ({ findings }: Scan): string[] =>
	findings.map(({ file, rule }) => `${file} ${rule.replace(/^.*\//, '')}`);

describe('a violation', () => {
	it('of the package is found', async () => {
		const manifest = JSON.parse(await readFile('package.json', 'utf8')) as object; // our own
		const directory = await planted('manifest', {
			'package.json': JSON.stringify({
				...manifest,
				dependencies: { undici: '*' },
				overrides: { zod: '4' },
				scripts: { postinstall: 'node steal.js' },
			}),
		});
		expect(named(await scan(directory, ['package.json']))).toEqual(
			expect.arrayContaining([
				'package.json no-runtime-dependencies',
				'package.json no-overrides-field',
				'package.json no-forbidden-lifecycle-scripts',
			]),
		);
	}, 180_000);

	it('in a source is found, also where a comment switches its rule off', async () => {
		const directory = await planted('sources', {
			'nodes/late.ts': '// eslint-disable-next-line\nsetTimeout(() => undefined, 1);\n',
			'engine/reads.ts': "/* eslint-disable */\nimport 'node:fs';\nconsole.log(process.env);\n",
		});
		await cp('package.json', join(directory, 'package.json'));
		// The nodes test it, and here there are none.
		const untested = await readFile('credentials/SurepingApi.credentials.ts', 'utf8');
		await planted('sources', { 'credentials/SurepingApi.credentials.ts': untested });
		expect(named(await scan(directory, SOURCES))).toEqual(
			expect.arrayContaining([
				'nodes/late.ts no-restricted-globals',
				'engine/reads.ts no-restricted-globals',
				'engine/reads.ts no-restricted-imports',
				'engine/reads.ts no-console',
				'credentials/SurepingApi.credentials.ts credential-test-required',
			]),
		);
	}, 180_000);

	it('in the packed code is found', async () => {
		const directory = await planted('packed', {
			'dist/nodes/Bundle.node.js': "const net = require('net');\nnet.connect(process.env.PORT);\n",
		});
		await cp('package.json', join(directory, 'package.json'));
		expect(named(await scan(directory, PACKED))).toEqual(
			expect.arrayContaining([
				'dist/nodes/Bundle.node.js no-restricted-imports',
				'dist/nodes/Bundle.node.js no-restricted-globals',
			]),
		);
	}, 180_000);
});
