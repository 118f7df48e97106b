import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { versions } from '../../scripts/release/manifests.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PUBLISHED = 'runner/published.ts';
const clone = temporaryDirectory('release');
const inClone = (path: string): string => join(clone, path);
const git = (...args: readonly string[]): string =>
	execFileSync('git', args, { cwd: clone, encoding: 'utf8' }).trim();

interface Said {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

/** Runs a script of the clone, as `npm run release` and the workflow do. */
async function run(script: string, ...args: readonly string[]): Promise<Said> {
	// Without the identity of whoever runs the tests.
	const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
	const options = { cwd: clone, env };
	return await promisify(execFile)(process.execPath, [script, ...args], options).then(
		({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
		(error: { code: number; stdout: string; stderr: string }) => ({
			code: error.code,
			out: error.stdout,
			err: error.stderr,
		}),
	);
}
const release = (version: string): Promise<Said> => run('scripts/release/main.ts', version);

/** Everything that a release leaves behind in a clone. */
const state = (): readonly string[] => [
	git('rev-parse', 'HEAD'),
	git('tag', '--list'),
	git('status', '--porcelain'),
];

const changelog = (): string => readFileSync(inClone('CHANGELOG.md'), 'utf8');
const note = (text: string): void => {
	writeFileSync(
		inClone('CHANGELOG.md'),
		changelog().replace('## Unreleased\n', `## Unreleased\n\n${text}\n`),
	);
	git('commit', '--quiet', '--all', '--message', 'A change');
};

beforeAll(() => {
	const files = execFileSync('git', [
		'ls-files',
		'-z',
		'--cached',
		'--others',
		'--exclude-standard',
	])
		.toString()
		.split('\0')
		// Not read by a release, and most of what there is.
		.filter(
			(path) => path !== '' && (!/^(?:test|bench)\//.test(path) || path.endsWith('package.json')),
		);
	for (const path of files) {
		mkdirSync(dirname(inClone(path)), { recursive: true });
		cpSync(path, inClone(path));
	}
	for (const folder of ['node_modules', 'runner/node_modules'])
		symlinkSync(join(process.cwd(), folder), inClone(folder));
	git('init', '--quiet', '--initial-branch=main');
	// A folder that is ignored is not ignored as a link.
	writeFileSync(inClone('.git/info/exclude'), 'node_modules\n');
	git('config', 'user.name', 'A maintainer');
	git('config', 'user.email', 'maintainer@example.com');
	// A version of its own, so that these tests stay true when this project is released.
	const first = '# Changelog\n\n## Unreleased\n\n- It sends. [Docs](docs/README.md)\n';
	writeFileSync(inClone('CHANGELOG.md'), first);
	const source = readFileSync(inClone(PUBLISHED), 'utf8');
	writeFileSync(inClone(PUBLISHED), source.replace(/(PUBLISHED = )\w+/, '$1false'));
	git('add', '--all');
	git('commit', '--quiet', '--message', 'All of it');
});

const today = (): string => new Date().toISOString().slice(0, 10);

describe('npm run release', () => {
	it('refuses what is no version, and changes nothing', async () => {
		const before = state();
		for (const wrong of [
			'',
			'v9.0.0',
			'9.0',
			'9.0.0-rc.1',
			'patch',
			'09.2.3',
			'9.02.3',
			'9.2.03',
		]) {
			expect(await release(wrong)).toEqual({
				code: 1,
				out: '',
				err: `"${wrong}" is not a version. Give three numbers, such as 0.2.0, without a "v".\n`,
			});
		}
		expect(state()).toEqual(before);
	});

	it('refuses a clone with changes, and names them', async () => {
		writeFileSync(inClone('README.md'), 'changed');
		writeFileSync(inClone('new.txt'), 'new');
		const { code, err } = await release('9.0.0');
		expect({ code, err }).toEqual({
			code: 1,
			err: 'Commit or discard these changes first: README.md, new.txt.\n',
		});
		git('checkout', '--quiet', 'README.md');
		git('clean', '--quiet', '--force', 'new.txt');
	});

	it('refuses a version below the one in package.json, and changes nothing', async () => {
		const before = state();
		const { version } = JSON.parse(readFileSync(inClone('package.json'), 'utf8'));
		expect(await release('0.0.1')).toEqual({
			code: 1,
			out: '',
			err: `0.0.1 is below ${version}, the version in package.json.\n`,
		});
		expect(state()).toEqual(before);
	});

	it('refuses a clone in which nobody can commit, or that is on no branch, and changes nothing', async () => {
		const before = state();
		git('config', 'user.useConfigOnly', 'true');
		git('config', '--unset', 'user.email');
		git('checkout', '--quiet', '--detach');
		const { code, err } = await release('9.0.0');
		git('checkout', '--quiet', 'main');
		git('config', 'user.email', 'maintainer@example.com');
		expect([code, err]).toEqual([
			1,
			'HEAD is on no branch. Check one out, such as: git switch main.\nGit does not know who commits. Set user.name and user.email with "git config".\n',
		]);
		expect(state()).toEqual(before);
	});

	it.each([
		['the commit', 'pre-commit'],
		['the tag', 'reference-transaction'],
	])('says how to take it back when git refuses %s', async (what, name) => {
		const before = state();
		const hook = inClone(`.git/hooks/${name}`);
		const refuses = what === 'the tag' ? '! grep -q refs/tags/' : 'false';
		mkdirSync(dirname(hook), { recursive: true });
		writeFileSync(hook, `#!/bin/sh\n${refuses}\n`, { mode: 0o755 });
		const { code, out, err } = await release('9.0.0');
		rmSync(hook);
		expect([code, out]).toEqual([1, expect.not.stringContaining('Publish it')]);
		const [, command = ''] = /^Take it back: (.*)$/m.exec(err) ?? [];
		expect(command).toContain('git reset --hard');
		execFileSync('sh', ['-c', command], { cwd: clone });
		expect(state()).toEqual(before);
	});

	it('sets the version everywhere, dates the changelog, commits and tags, and does not push', async () => {
		const before = git('rev-parse', 'HEAD');
		const { code, out } = await release('9.0.0');
		expect({ code, out }).toEqual({
			code: 0,
			out: expect.stringContaining('git push --atomic origin HEAD v9.0.0'),
		});
		expect(new Set(Object.values(versions(clone)))).toEqual(new Set(['9.0.0']));
		expect(changelog()).toBe(
			`# Changelog\n\n## Unreleased\n\n## 9.0.0 (${today()})\n\n- It sends. [Docs](docs/README.md)\n`,
		);
		expect(git('rev-parse', 'v9.0.0^{commit}')).toBe(git('rev-parse', 'HEAD'));
		expect(git('rev-parse', 'HEAD~1')).toBe(before);
		expect(git('status', '--porcelain')).toBe('');
		expect(git('log', '-1', '--format=%s')).toBe('Release 9.0.0');
	});

	it('changes nothing in package-lock.json but the versions, and brings along the files that name it', () => {
		const lines = git('diff', '--unified=0', 'HEAD~1', '--', 'package-lock.json')
			.split('\n')
			.filter((line) => /^[+-] /.test(line));
		expect(lines.length).toBeGreaterThan(8);
		expect(lines.filter((line) => !/^[+-] +"version": "[\d.]+",$/.test(line))).toEqual([]);
		expect(readFileSync(inClone('compose.yaml'), 'utf8')).toContain('sureping:9.0.0');
	});

	it('says that the docs still install from a clone, while nothing is published', async () => {
		note('- More.');
		const { out } = await release('9.0.1');
		expect(out).toContain('PUBLISHED in runner/published.ts is false');
		const source = readFileSync(inClone(PUBLISHED), 'utf8');
		writeFileSync(inClone(PUBLISHED), source.replace('PUBLISHED = false', 'PUBLISHED = true'));
		note('- It is published.');
		expect((await release('9.1.0')).out).not.toContain('PUBLISHED');
	});

	it('refuses an empty list of changes', async () => {
		expect(await release('9.2.0')).toEqual({
			code: 1,
			out: '',
			err: 'CHANGELOG.md notes nothing under "## Unreleased". Say there what changes for users.\n',
		});
	});

	it.each(['9.1.0', '9.0.9', '8.10.0'])('refuses %s, which is not newer', async (version) => {
		note('- Something.');
		expect(await release(version)).toEqual({
			code: 1,
			out: '',
			err: `${version} is not newer than 9.1.0, which is released.\n`,
		});
	});
});

describe('what the workflow asks of a tag', () => {
	const check = (tag: string): Promise<Said> => run('scripts/release/check-tag.ts', tag);

	it('is that everything names its version', async () => {
		expect(await check('v9.1.0')).toEqual({ code: 0, out: '', err: '' });
	});

	it('or it says where another one stands', async () => {
		const { code, err } = await check('v9.0.1');
		expect(code).toBe(1);
		expect(err).toContain('runner/package.json has version 9.1.0, the tag 9.0.1.\n');
		expect(err).toContain('package-lock.json, "" has version 9.1.0, the tag 9.0.1.\n');
		expect(err).toContain('CHANGELOG.md has a newer version than 9.0.1.\n');
		expect((await check('v9.9.9')).err).toContain('CHANGELOG.md has no section "## 9.9.9 (DATE)".');
		expect((await check('9.1.0')).err).toBe('The tag "9.1.0" is not of the form v0.2.0.\n');
	});

	it('and its notes are cut from the changelog, with links that work on GitHub', async () => {
		const notes = (tag: string): Promise<Said> => run('scripts/release/notes.ts', tag);
		expect(await notes('v9.0.0')).toEqual({
			code: 0,
			out: '- It sends. [Docs](https://github.com/sureping/sureping/blob/v9.0.0/docs/README.md)\n',
			err: '',
		});
		expect(await notes('v1.0.0')).toMatchObject({
			code: 1,
			err: 'CHANGELOG.md has no section for v1.0.0.\n',
		});
	});
});
