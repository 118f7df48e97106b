import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSink } from '../fakes/sink.ts';
import { ended, type RunnerProcess, runnerAt, startRunner } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { node20 } from './node-20.ts';
import { filesIn, type InstalledPackage, installPackage, npm } from './installed-package.ts';

const execute = promisify(execFile);
const MB = 1024 * 1024;

/** The package's own limits: a dependency that makes it twice as large has to be bundled in part, replaced or optional. */
const MOST_PACKED = 4 * MB;
const MOST_INSTALLED = 20 * MB;

/** Nothing is left of it in the bundle. */
const TYPES_ONLY = 'openapi-types';

interface Manifest {
	readonly version: string;
	readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
	JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest; // an own one

let installed: InstalledPackage;
beforeAll(async () => {
	// A registry is not needed.
	installed = await installPackage('sureping', ['--offline']);
}, 120_000);

describe('the package sureping', () => {
	it('has what is published and nothing of the clone', () => {
		const bundled =
			/^dist\/(?:(?:chunk|[a-z-]+)-[A-Z0-9]{8}|sureping|(?:read|checkpoint|calendar)-thread)\.js$/;
		const others = filesIn(installed.path).filter((file) => !bundled.test(file));
		expect(others).toEqual([
			'LICENSE',
			'README.md',
			'bin/node24.mjs',
			'bin/run.mjs',
			'bin/sureping.mjs',
			'config.schema.json',
			'dist/THIRD-PARTY-NOTICES.txt',
			'dist/swagger-ui/favicon-16x16.png',
			'dist/swagger-ui/favicon-32x32.png',
			'dist/swagger-ui/index.css',
			'dist/swagger-ui/swagger-ui-bundle.js',
			'dist/swagger-ui/swagger-ui-standalone-preset.js',
			'dist/swagger-ui/swagger-ui.css',
			'package.json',
			'sureping.example.yaml',
		]);
		const manifest = manifestOf(installed.path);
		for (const name of ['scripts', 'workspaces', 'devDependencies', 'dependencies', 'private'])
			expect(manifest).not.toHaveProperty(name);
	});

	it('is small', () => {
		const [packed, size] = [installed.packedBytes, installed.installedBytes];
		process.stdout.write(
			`sureping: ${(packed / MB).toFixed(1)} MB packed, ${(size / MB).toFixed(1)} MB installed\n`,
		);
		expect(packed).toBeLessThan(MOST_PACKED);
		expect(size).toBeLessThan(MOST_INSTALLED);
	});

	it('installs no other package, and nothing runs while it is installed', () => {
		const manifests = filesIn(join(installed.folder, 'node_modules')).filter((file) =>
			file.endsWith('package.json'),
		);
		expect(manifests).toEqual(['sureping/package.json']);
	});

	it('names every package inside it, with its licence', () => {
		const notices = readFileSync(join(installed.path, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
		const named = new Set(
			[...notices.matchAll(/^-{80}\n\n(\S+) \S+ \(\S+\)$/gm)].map(([, name]) => name),
		);
		const { dependencies = {} } = manifestOf('runner');
		const inside = Object.keys(dependencies).filter((name) => name !== TYPES_ONLY);
		expect(inside.length).toBeGreaterThan(10);
		expect(inside.filter((name) => !named.has(name))).toEqual([]);
		expect(notices).toContain('Swagger UI (Apache-2.0');
		expect(notices).toMatch(/^prom-client .*\n\nApache License\n +Version 2\.0/m);
	});
});

/** Prints the URL of each file that Node loads. */
const TELLS_FILES = `data:text/javascript,${encodeURIComponent(`
	import { registerHooks } from 'node:module';
	import { writeSync } from 'node:fs';
	registerHooks({
		load(url, context, next) {
			if (url.startsWith('file:')) writeSync(2, url + '\\n');
			return next(url, context);
		},
	});`)}`;

/** The package's files that Node loads for a command. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
	const bin = join(installed.folder, 'node_modules/.bin/sureping');
	const { stderr } = await execute(process.execPath, ['--import', TELLS_FILES, bin, ...args]);
	return stderr
		.split('\n')
		.filter((url) => url.includes('/dist/'))
		.map((url) => fileURLToPath(url));
}

/** Fails as Node does for a user without an entry in /etc/passwd and without HOME. */
const HAS_NO_HOME = `data:text/javascript,${encodeURIComponent(`
	import os from 'node:os';
	import { syncBuiltinESMExports } from 'node:module';
	os.homedir = () => {
		throw new Error('uv_os_homedir returned ENOENT');
	};
	syncBuiltinESMExports();`)}`;

describe('the installed command', () => {
	it('is found by npx', async () => {
		const { stdout } = await execute('npx', ['--no-install', 'sureping', '--version'], {
			cwd: installed.folder,
		});
		expect(stdout).toBe(`${manifestOf('runner').version}\n`);
	});

	it('runs where there is nothing but Node', async () => {
		const bin = join(installed.folder, 'node_modules/.bin/sureping');
		const home = temporaryDirectory('home');
		const run = async (...args: string[]): Promise<string> =>
			(await execute(process.execPath, [bin, ...args], { cwd: home, env: { PATH: '' } })).stdout;
		expect(await run('--version')).toBe(`${manifestOf('runner').version}\n`);
		expect(await run('send', '--help')).toContain('--channel');
		expect(filesIn(home)).toEqual([]);
	});

	it.each([
		['', [], { SUREPING_CACHE_DIR: temporaryDirectory('cache') }],
		[', also to a user who has no home directory', ['--import', HAS_NO_HOME], {}],
	])(
		'says which Node it needs where that one is too old%s',
		async (_who, flags, cache) => {
			const bin = join(installed.path, 'bin/sureping.mjs');
			const env = { PATH: '', ...cache };
			const running = execute(await node20(), [...flags, bin, '--version'], { env });
			await expect(running).rejects.toMatchObject({
				code: 2,
				stdout: '',
				stderr: expect.stringMatching(
					/^sureping needs Node\.js 24 or newer; this is v20\.\S+\.\n$/,
				),
			});
		},
		180_000,
	);

	it.each(['--version', 'send --help', 'serve --help'])(
		'loads no server, no database and no HTTP client for %s',
		async (command) => {
			const loaded = await loadedBy(command.split(' '));
			expect(loaded.length).toBeGreaterThan(1);
			const text = loaded.map((file) => readFileSync(file, 'utf8')).join('\n');
			expect(text).toContain('node_modules/commander/');
			for (const name of ['fastify', 'pg-boss', 'undici', 'nodemailer', 'prom-client'])
				expect(text).not.toContain(`// node_modules/${name}/`);
		},
	);

	it('tells where an error was raised, in the words of the sources', async () => {
		const sources = filesIn(join(installed.path, 'dist'))
			.filter((file) => file.endsWith('.js') && !file.includes('/'))
			.map((file) => readFileSync(join(installed.path, 'dist', file), 'utf8'))
			.join('\n');
		// Names are not shortened, and each module is headed by its path.
		expect(sources).toContain('function docsPage(app');
		expect(sources).toContain('// runner/http/openapi/docs-page.ts');
	});
});

describe('an installed runner', () => {
	let hook: Awaited<ReturnType<typeof startSink>>;
	let runner: RunnerProcess;
	beforeAll(async () => {
		hook = await startSink();
		const bin = join(installed.folder, 'node_modules/.bin/sureping');
		runner = await startRunner(
			{ connections: [{ name: 'hook', channel: 'webhook', url: `${hook.url}/hook` }] },
			undefined,
			[],
			runnerAt(bin),
		);
	});
	afterAll(async () => {
		await runner?.dispose();
		await hook?.close();
	});

	it('sends, and tells it in the feed', async () => {
		const { status, body } = await runner.post('/send', {
			channels: ['webhook'],
			message: 'hello',
		});
		expect(status).toBe(202);
		const { status: final } = await ended(runner, body.notification_id);
		expect(final).toBe('delivered');
		expect(hook.requests).toHaveLength(1);
		expect(hook.requests[0]?.body).toContain('hello');
		const feed = await runner.get('/events');
		const types = feed.body.events.map(({ event }: { event: string }) => event);
		expect(types).toEqual(
			expect.arrayContaining(['notification.queued', 'notification.delivered']),
		);
	});

	it('serves its API browser from its own files', async () => {
		const page: string = (await runner.get('/docs')).body;
		const files = [...page.matchAll(/(?:href|src)="(\/docs\/static\/[^"]+)"/g)].map(
			([, file]) => file!,
		);
		expect(files.length).toBeGreaterThan(6);
		for (const file of files) expect((await runner.get(file)).status).toBe(200);
		expect((await runner.get('/openapi.json')).body.openapi).toBe('3.1.0');
		expect((await runner.get('/metrics')).body).toContain('sureping_');
	});

	it('ends in order at SIGTERM', async () => {
		expect(await runner.kill('SIGTERM')).toBe(0);
	});
});

describe('the clone itself', () => {
	it.each([
		['.', 'n8n-nodes-sureping'],
		['runner', 'sureping'],
	])('is not packed in %s, and the way to a package is told', async (folder, name) => {
		const packing = npm(folder, 'pack', '--dry-run', '--ignore-scripts=false');
		await expect(packing).rejects.toThrow(
			`${name} is not packed or published from the clone. Run "npm run stage"`,
		);
		expect(manifestOf(folder)).toHaveProperty('private', true);
	});
});
