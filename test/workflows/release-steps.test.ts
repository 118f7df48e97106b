import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Workflow {
	readonly jobs: Readonly<
		Record<string, { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }>
	>;
}
// Another test checks its form.
const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as Workflow;

const scriptOf = (job: string, name: string): string => {
	const run = jobs[job]?.steps.find((step) => step.name === name)?.run;
	if (run === undefined) throw new Error(`release.yml has no step "${name}" in ${job}`);
	return run;
};

let folder: string;
const CALLS = 'calls.log';
beforeEach(() => {
	folder = temporaryDirectory('release-steps');
	mkdirSync(join(folder, 'bin'));
});

/** A program that notes how it is called, and then does as the text says. */
function fake(program: string, then: string): void {
	const path = join(folder, 'bin', program);
	writeFileSync(path, `#!/bin/sh\necho "${program} $*" >>"$CALLS"\n${then}\n`);
	chmodSync(path, 0o755);
}

/** Runs a step as GitHub does: by bash, which ends at the first failure. */
function run(job: string, name: string, env: Readonly<Record<string, string>> = {}): void {
	execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', scriptOf(job, name)], {
		cwd: folder,
		env: {
			...process.env,
			PATH: [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
			CALLS: join(folder, CALLS),
			GITHUB_REF_NAME: 'v1.2.3',
			...env,
		},
		stdio: ['ignore', 'ignore', 'pipe'],
	});
}
const calls = (): readonly string[] =>
	existsSync(join(folder, CALLS))
		? readFileSync(join(folder, CALLS), 'utf8').trim().split('\n')
		: [];

describe('a release', () => {
	it('packs both packages and lists the parts of each', () => {
		fake('npm', ':');
		fake('node', 'echo "parts of $2"');
		run('packages', 'Pack them and list their parts');
		expect(calls()).toEqual([
			'npm pack ./dist/packages/sureping --pack-destination release',
			'node scripts/release/sbom.ts dist/packages/sureping',
			'npm pack ./dist/packages/n8n-nodes-sureping --pack-destination release',
			'node scripts/release/sbom.ts dist/packages/n8n-nodes-sureping',
		]);
		expect(readFileSync(join(folder, 'release', 'sureping.cdx.json'), 'utf8')).toBe(
			'parts of dist/packages/sureping\n',
		);
	});

	const PUBLISHES = (name: string): string =>
		`npm publish ./release/${name}-1.2.3.tgz --access public --provenance`;

	it('publishes both packages, the runner first', () => {
		// The registry does not know the version.
		fake('npm', 'if [ "$1" = view ]; then exit 1; fi');
		run('packages', 'Publish');
		expect(calls().filter((call) => call.startsWith('npm publish'))).toEqual([
			PUBLISHES('sureping'),
			PUBLISHES('n8n-nodes-sureping'),
		]);
	});

	it('that is repeated publishes what is missing', () => {
		fake('npm', 'if [ "$1 $2" = "view sureping@1.2.3" ]; then echo 1.2.3; fi');
		run('packages', 'Publish');
		expect(calls().filter((call) => call.startsWith('npm publish'))).toEqual([
			PUBLISHES('n8n-nodes-sureping'),
		]);
	});

	it('stops at a package that npm refuses', () => {
		fake('npm', 'if [ "$1" = publish ]; then exit 1; fi');
		expect(() => run('packages', 'Publish')).toThrow('Command failed');
		expect(calls().filter((call) => call.startsWith('npm publish'))).toEqual([
			PUBLISHES('sureping'),
		]);
	});

	it('tags the image with the version, its minor version and latest', () => {
		const output = join(folder, 'output');
		run('image', 'The tags of the image', { GITHUB_OUTPUT: output, IMAGE: 'ghcr.io/a/b' });
		expect(readFileSync(output, 'utf8')).toBe(
			'version=1.2.3\ntags<<END\nghcr.io/a/b:1.2.3\nghcr.io/a/b:1.2\nghcr.io/a/b:latest\nEND\n',
		);
	});

	it('signs the image by its digest', () => {
		fake('cosign', ':');
		run('image', 'Sign', { IMAGE: 'ghcr.io/a/b', DIGEST: 'sha256:00' });
		expect(calls()).toEqual(['cosign sign --yes ghcr.io/a/b@sha256:00']);
	});

	const STEP = 'Make the release, with the packages and the lists of their parts';
	const withAssets = (): void => {
		mkdirSync(join(folder, 'release'));
		writeFileSync(join(folder, 'release', 'sureping-1.2.3.tgz'), '');
	};

	it('makes the release on GitHub with the notes and the packages', () => {
		withAssets();
		fake('node', 'echo "- It sends."');
		fake('gh', 'if [ "$2" = view ]; then exit 1; fi');
		run('notes', STEP);
		expect(calls()).toEqual([
			'node scripts/release/notes.ts v1.2.3',
			'gh release view v1.2.3',
			'gh release create v1.2.3 --verify-tag --title Sureping 1.2.3 --notes-file notes.md release/sureping-1.2.3.tgz',
		]);
		expect(readFileSync(join(folder, 'notes.md'), 'utf8')).toBe('- It sends.\n');
	});

	it('leaves a release on GitHub that is there, and makes none without notes', () => {
		withAssets();
		fake('node', ':');
		fake('gh', ':');
		run('notes', STEP);
		expect(calls()).not.toContainEqual(expect.stringContaining('gh release create'));
		fake('node', 'exit 1');
		fake('gh', 'exit 1');
		expect(() => run('notes', STEP)).toThrow('Command failed');
		expect(calls()).not.toContainEqual(expect.stringContaining('gh release create'));
	});
});
