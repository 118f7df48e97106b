// `npm run test:mutants`: small mistakes in the files that are named, or that were changed, one at a time in a copy of the
// clone; those that no test notices are printed.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneRoot } from '../n8n/clone.ts';
import { mutated, type Mutation, mutationsOf } from './mutations.ts';
import { nearestTests } from './nearest-tests.ts';
import { runTests } from './run-tests.ts';
import { copyWork } from './work-copy.ts';

const USAGE = `Usage: npm run test:mutants -- [FILE…] [options]

  FILE          sources to make mistakes in; without one, those that differ from the branch main
  --most N      so many mistakes, spread over the files (40)
  --minutes N   ends after so long (10)
  --tests N     so many test files for each, the nearest ones (4)
`;

const IN_SOURCES = /^(?:engine|runner|nodes)\//;
const IS_SOURCE = /(?<!\.d|\.test)\.ts$/;

interface Candidate {
	readonly file: string;
	readonly mutation: Mutation;
}

function changedFiles(): string[] {
	const git = (...args: string[]): string[] =>
		execFileSync('git', args, { cwd: cloneRoot, encoding: 'utf8' }).split('\n').filter(Boolean);
	const base = git('merge-base', 'main', 'HEAD')[0] ?? 'HEAD';
	return git('diff', '--name-only', '--diff-filter=AM', base).filter(
		(file) => IN_SOURCES.test(file) && IS_SOURCE.test(file),
	);
}

/** Evenly over all of them, the same each time. */
function spread<T>(all: readonly T[], most: number): T[] {
	if (all.length <= most) return [...all];
	return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]).filter(
		(one): one is T => one !== undefined,
	);
}

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		most: { type: 'string', default: '40' },
		minutes: { type: 'string', default: '10' },
		tests: { type: 'string', default: '4' },
		help: { type: 'boolean', short: 'h', default: false },
	},
});
const [most, minutes, testFiles] = [values.most, values.minutes, values.tests].map(Number);
if (values.help || !most || !minutes || !testFiles) {
	console.log(USAGE);
	process.exit(values.help ? 0 : 2);
}
const named = positionals.map((file) => relative(cloneRoot, resolve(file)));
const files = named.length > 0 ? named : changedFiles();
if (files.length === 0) {
	console.log('Nothing differs from main: name a file.');
	process.exit(0);
}

const copy = copyWork(cloneRoot);
process.once('exit', () => copy.dispose());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const until = Date.now() + minutes * 60_000;
const sources = copy.files.filter((file) => file.endsWith('.ts'));
const candidates = files.flatMap((file): Candidate[] =>
	mutationsOf(readFileSync(join(copy.directory, file), 'utf8')).map((mutation) => ({
		file,
		mutation,
	})),
);
const chosen = spread(candidates, most);
console.log(`${chosen.length} of ${candidates.length} possible mistakes in ${files.join(', ')}`);

const count = { noticed: 0, survived: 0 };
for (const [file, mistakes] of Map.groupBy(chosen, (one) => one.file)) {
	const tests = nearestTests(copy.directory, sources, file, testFiles);
	if (tests.length === 0) {
		console.log(`${file}: no test imports it, directly or not`);
		continue;
	}
	console.log(`${file}: ${tests.join(', ')}`);
	const path = join(copy.directory, file);
	const source = readFileSync(path, 'utf8');
	const started = Date.now();
	if ((await runTests(copy.directory, tests, until - started)) !== 'passed') {
		console.log(`${file}: these tests fail, or take too long, without any mistake`);
		process.exitCode = 1;
		continue;
	}
	const timeoutMs = 3 * (Date.now() - started) + 10_000;
	for (const { mutation } of mistakes) {
		if (Date.now() > until) break;
		writeFileSync(path, mutated(source, mutation));
		const verdict = await runTests(copy.directory, tests, timeoutMs);
		if (verdict !== 'passed') count.noticed++;
		else {
			count.survived++;
			const [was, is] = [mutation.was, mutation.text].map((text) =>
				text.replace(/\s+/g, ' ').slice(0, 60),
			);
			console.log(
				`  survived  ${file}:${mutation.line}  ${was}  →  ${is === ';' ? '(nothing)' : is}`,
			);
		}
	}
	writeFileSync(path, source);
}
const left = chosen.length - count.noticed - count.survived;
console.log(
	`${count.noticed} noticed, ${count.survived} survived${left > 0 ? `, ${left} not tried` : ''}`,
);
