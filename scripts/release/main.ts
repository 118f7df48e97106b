// `npm run release -- 0.2.0`: sets the version everywhere, dates the section of CHANGELOG.md, commits and tags. It does not
// push: the push of the tag is what publishes, and stays with a person.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { PUBLISHED } from '../../runner/published.ts';
import { released } from './changelog.ts';
import { setVersion, versions } from './manifests.ts';
import { problemsBefore } from './problems.ts';
import { tagOf } from './version.ts';

const CHANGELOG = 'CHANGELOG.md';

const git = (...args: readonly string[]): string =>
	execFileSync('git', args, { encoding: 'utf8' }).trim();
/** True if git's command succeeds. */
const gitCan = (...args: readonly string[]): boolean =>
	spawnSync('git', args, { stdio: 'ignore' }).status === 0;
const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

const [version = ''] = process.argv.slice(2);
const changelog = readFileSync(CHANGELOG, 'utf8');
const problems = problemsBefore(version, {
	changed: linesOf(git('status', '--porcelain', '--untracked-files=all')).map((line) =>
		line.trim().replace(/^\S+ /, '').trim(),
	),
	current: versions('.')['package.json'] ?? '',
	isOnBranch: gitCan('symbolic-ref', '--quiet', 'HEAD'),
	hasCommitter: gitCan('var', 'GIT_COMMITTER_IDENT') && gitCan('var', 'GIT_AUTHOR_IDENT'),
	tags: linesOf(git('tag', '--list', 'v*')),
	changelog,
});

if (problems.length > 0) {
	for (const problem of problems) console.error(problem);
	process.exitCode = 1;
} else {
	const before = git('rev-parse', 'HEAD');
	try {
		release();
	} catch (error) {
		// The clone had no changes, so nothing but the release's own is lost.
		console.error(`The release stopped: ${String(Object(error).message).split('\n', 1)[0]}
Take it back: git add --all && git reset --hard ${before}`);
		process.exitCode = 1;
	}
}

function release(): void {
	setVersion('.', version);
	writeFileSync(CHANGELOG, released(changelog, version, new Date().toISOString().slice(0, 10)));
	// Files that name the version, such as compose.yaml. A process of its own reads the new one.
	execFileSync(process.execPath, ['scripts/docs/main.ts'], { stdio: 'inherit' });

	const tag = tagOf(version);
	git('add', '--all');
	git('commit', '--quiet', '--message', `Release ${version}`);
	git('tag', '--annotate', '--message', `Sureping ${version}`, tag);

	console.log(`Committed and tagged as ${tag}. Look at it: git show --stat ${tag}
Publish it:   git push --atomic origin HEAD ${tag}
Take it back: git tag --delete ${tag} && git reset --hard HEAD~1`);
	if (!PUBLISHED)
		console.log(`
PUBLISHED in runner/published.ts is false: the docs and "sureping init" of this version install from a clone. If the
packages and the image are public from this version on, take it back, set PUBLISHED to true, run "npm run docs", commit,
and release again. docs/releasing.md has the steps of the first release.`);
}
