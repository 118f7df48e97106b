import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	cpSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { VERSION } from '../../runner/version.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type Container, runContainer, startContainer } from './support/container.ts';
import { type ImageConfig, type ImageStore, openImageStore } from './support/image-store.ts';

const SECRET = 'sp_live_must_not_be_in_the_image';

let store: ImageStore;
let config: ImageConfig;
let root: string;
let nodes: string;

/** A clone as it is here, in which somebody also keeps an installation. */
function clone(): string {
	const context = temporaryDirectory('context');
	const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
		encoding: 'utf8',
	});
	for (const file of files.split('\0').filter(Boolean)) {
		mkdirSync(dirname(join(context, file)), { recursive: true });
		cpSync(file, join(context, file));
	}
	mkdirSync(join(context, 'data'));
	for (const file of ['.env', 'sureping.yaml', 'data/demo.yaml']) {
		writeFileSync(join(context, file), SECRET);
	}
	return context;
}

beforeAll(async () => {
	store = await openImageStore();
	const context = clone();
	await store.build(context, 'sureping:test');
	await store.build(context, 'n8n-nodes:test', 'n8n-nodes');
	config = store.config('sureping:test');
	root = store.mount('sureping:test');
	nodes = store.mount('n8n-nodes:test');
}, 600_000);

afterAll(() => store.remove());

const under = (directory: string): string[] =>
	readdirSync(directory, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));

describe('the image of the runner', () => {
	it('says what an engine needs to run it', () => {
		expect(config).toMatchObject({
			User: '10001:10001',
			Entrypoint: ['sureping'],
			Volumes: { '/data': {} },
			ExposedPorts: { '8477/tcp': {} },
			StopSignal: 'SIGTERM',
			WorkingDir: '/data',
		});
		expect(config.Labels).toMatchObject({
			'org.opencontainers.image.title': 'Sureping',
			'org.opencontainers.image.licenses': 'MIT',
			'org.opencontainers.image.source': 'https://github.com/sureping/sureping',
		});
	});

	it('holds nothing of one processor, so that one build serves every platform', () => {
		const files = under(join(root, 'app'));
		expect(files.length).toBeGreaterThan(10);
		const elf = files.filter((file) => readFileSync(file).subarray(0, 4).equals(ELF));
		expect(elf).toEqual([]);
	});

	it('holds the published package and nothing of an installation beside it', () => {
		expect(readdirSync(join(root, 'app')).sort()).toEqual([
			...['LICENSE', 'README.md', 'bin', 'config.schema.json', 'dist', 'package.json'],
			'sureping.example.yaml',
		]);
		const texts = under(join(root, 'app')).map((file) => readFileSync(file, 'utf8'));
		expect(texts.filter((text) => text.includes(SECRET))).toEqual([]);
		expect(readdirSync(join(root, 'data'))).toEqual([]);
	});
});

const ELF = Buffer.from('\x7fELF', 'latin1');

describe('a container of it, without a config, on a read-only file system', () => {
	let volume: string;
	let container: Container;

	beforeAll(async () => {
		volume = temporaryDirectory('volume');
		// As an engine makes a new volume: after the folder that it is mounted on.
		chmodSync(volume, statSync(join(root, 'data')).mode);
		const data = { folder: volume, at: '/data' };
		container = await startContainer(root, config, data, (output) => /ready/.test(output));
	});

	afterAll(() => container.dispose());

	it('listens on every address', () => {
		const url = 'http://127.0.0.2:8477/healthz';
		const command = ['node', '-e', `fetch('${url}').then(({ status }) => console.log(status))`];
		expect(container.exec(command)).toEqual({ status: 0, output: '200\n' });
	});

	it('prints its key and keeps it to its user', () => {
		expect(container.output()).toContain(`API key: ${keyOf(volume)}`);
		expect(statSync(join(volume, 'demo.yaml')).mode & 0o777).toBe(0o600);
	});

	it('is healthy by its own check', () => {
		const [kind, ...command] = config.Healthcheck.Test;
		expect(kind).toBe('CMD');
		expect(container.exec(command)).toEqual({ status: 0, output: '' });
	});

	it('delivers a send to its console', async () => {
		const env = { SUREPING_KEY: keyOf(volume) };
		const command = ['sureping', 'send', 'Hello', '--channel', 'console', '--wait'];
		expect(container.exec(command, env)).toMatchObject({ status: 0 });
		await waitUntil('it is printed', () => /\[console\].*Hello/.test(container.output()));
	});

	it('has no process of root', () => {
		expect(container.users().length).toBeGreaterThan(0);
		expect(new Set(container.users())).toEqual(new Set([10_001]));
	});

	it('can write nowhere but in its volume', () => {
		const touch = (path: string): number | null => container.exec(['touch', path]).status;
		expect(touch('/data/probe')).toBe(0);
		for (const path of ['/probe', '/app/probe', '/tmp/probe', '/dev/probe']) {
			expect([path, touch(path)]).toEqual([path, 1]);
		}
	});

	it('ends with 0 within its grace period when it is stopped', async () => {
		const since = performance.now();
		expect(await container.stop()).toBe(0);
		expect(performance.now() - since).toBeLessThan(30_000);
		expect(container.output()).toMatch(/"stopped"/);
	});
});

describe('a container of it, as another user, with a config in its volume', () => {
	let container: Container;

	beforeAll(async () => {
		const folder = temporaryDirectory('volume');
		chownSync(folder, 99, 100);
		const settings = { api_keys: [{ name: 'n8n', key: '${KEY}' }], loop_limit: 9 };
		writeFileSync(join(folder, 'sureping.yaml'), JSON.stringify(settings));
		writeFileSync(join(folder, '.env'), 'KEY=sp_live_0123456789abcdef');
		const image = { ...config, User: '99:100' };
		const data = { folder, at: '/data' };
		container = await startContainer(root, image, data, (output) => /ready/.test(output));
	});

	afterAll(() => container.dispose());

	it('takes the config and the variables beside it', async () => {
		expect(container.output()).not.toMatch(/API key/);
		const command = ['sureping', 'list', '--json'];
		const { status, output } = container.exec(command, {
			SUREPING_KEY: 'sp_live_0123456789abcdef',
		});
		expect({ status, output }).toMatchObject({ status: 0 });
		expect(await container.stop()).toBe(0);
	});
});

describe('the image of the nodes', () => {
	it('is the published package, of the user that n8n runs as', () => {
		const folder = join(nodes, 'package/node_modules/n8n-nodes-sureping');
		// Our own.
		const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
			n8n: { nodes: string[] };
		};
		for (const file of manifest.n8n.nodes) expect(statSync(join(folder, file)).isFile()).toBe(true);
		expect(store.config('n8n-nodes:test').User).toBe('1000:1000');
		expect(statSync(join(nodes, 'nodes')).uid).toBe(1000);
	});

	it('copies it into a volume, also over an older one', () => {
		const folder = temporaryDirectory('n8n-nodes');
		chownSync(folder, 1000, 1000);
		const copied = join(folder, 'node_modules/n8n-nodes-sureping/package.json');
		for (const text of ['{"version":"0.0.1"}', undefined]) {
			const image = store.config('n8n-nodes:test');
			expect(runContainer(nodes, image, { folder, at: '/nodes' })).toEqual({
				status: 0,
				output: '',
			});
			expect(JSON.parse(readFileSync(copied, 'utf8'))).toMatchObject({ version: VERSION });
			if (text !== undefined) writeFileSync(copied, text);
		}
	});
});

const keyOf = (volume: string): string =>
	/key: (\S+)/.exec(readFileSync(join(volume, 'demo.yaml'), 'utf8'))?.[1] ?? '';
