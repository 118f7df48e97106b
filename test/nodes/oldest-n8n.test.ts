import { execFile } from 'node:child_process';
import { copyFile, glob, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = process.cwd();

interface Manifest {
	readonly engines: { readonly n8n: string };
	readonly n8n: { readonly nodes: readonly string[] };
}

const manifest = async (): Promise<Manifest> =>
	JSON.parse(await readFile('package.json', 'utf8')) as Manifest; // our own

describe('an n8n that is too old', () => {
	/** Has n8n-workflow and no zod 4, as n8n before 1.100. */
	let folder: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'sureping-old-n8n-'));
		await mkdir(join(folder, 'node_modules'));
		const workflow = join('node_modules', 'n8n-workflow');
		await symlink(join(ROOT, workflow), join(folder, workflow));
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));

	it('is told which version each node needs, in place of the name of a module', async () => {
		const { engines, n8n } = await manifest();
		const oldest = engines.n8n.replace('>=', '');
		expect(oldest).toMatch(/^\d+\.\d+\.\d+$/);
		expect(n8n.nodes.length).toBeGreaterThan(0);
		for (const path of n8n.nodes) {
			const name = basename(path);
			await copyFile(path, join(folder, name));
			const loaded = promisify(execFile)(process.execPath, ['-e', `require('./${name}')`], {
				cwd: folder,
				env: { PATH: process.env.PATH },
			});
			await expect(loaded).rejects.toThrow(
				`Error: n8n-nodes-sureping needs n8n ${oldest} or newer. Update n8n, then restart it.`,
			);
			await expect(loaded).rejects.not.toThrow('Cannot find module');
		}
	}, 60_000);
});

/** The functions of n8n 1.123 that nodes may call (n8n-workflow 1.120). Newer functions are called with `?.`. */
const KNOWN_SINCE_1_123: ReadonlySet<string> = new Set([
	'continueOnFail',
	'evaluateExpression',
	'getActivationMode',
	'getContext',
	'getCredentials',
	'getExecutionCancelSignal',
	'getExecutionId',
	'getInputData',
	'getInstanceBaseUrl',
	'getInstanceId',
	'getMode',
	'getNode',
	'getNodeParameter',
	'getNodeWebhookUrl',
	'getParentNodes',
	'getRequestObject',
	'getResponseObject',
	'getTimezone',
	'getWorkflow',
	'getWorkflowDataProxy',
	'getWorkflowStaticData',
]);

it('nodes call nothing of n8n that the oldest supported one lacks', async () => {
	const called = new Set<string>();
	for await (const path of glob('nodes/**/*.ts')) {
		const source = await readFile(path, 'utf8');
		for (const [, name] of source.matchAll(
			/\b(?:context|this)\.(get\w+|evaluate\w+|continue\w+)\(/g,
		))
			called.add(name!);
	}
	expect(called.size).toBeGreaterThan(10);
	expect([...called].filter((name) => !KNOWN_SINCE_1_123.has(name))).toEqual([]);
});
