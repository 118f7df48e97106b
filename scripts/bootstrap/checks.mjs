import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../runner/bin/run.mjs';
import { captured } from './captured.mjs';
import { jestArguments } from './jest-arguments.mjs';
import { inOwnDirectory } from './own-directory.mjs';

/** The tools' scripts, called without a shell or a platform's `.bin` wrapper. */
export const TOOLS = {
	typecheck: ['node_modules/typescript/bin/tsc', '--noEmit'],
	lint: ['node_modules/eslint/bin/eslint.js', '.'],
	format: ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.'],
	formatCheck: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
	jest: ['node_modules/jest/bin/jest.js'],
};

/** The checks of `npm test` besides the tests, by the names that it prints. */
const CHECKS = [
	['types', 'typecheck'],
	['lint', 'lint'],
	['format', 'formatCheck'],
];

/**
 * The tests, and beside them types, lint and format, whose findings are printed when the tests are through. With
 * arguments only the tests run, for a quick answer.
 */
export async function test(node, options, args) {
	const abort = new AbortController();
	const checking = args.length === 0 ? checkAll(node, { ...options, signal: abort.signal }) : [];
	return await jest(node, options, 'unit', args, async (code) => {
		// The rest of the output is not needed.
		if (wasInterrupted(code)) abort.abort();
		const failed = (await checking).filter((check) => check.code !== 0);
		if (!abort.signal.aborted)
			for (const { name, output } of failed) console.log(`\n${name}:\n${output.trimEnd()}`);
		return failed.length;
	});
}

/** An exit code above 128 is a signal's. */
const wasInterrupted = (code) => code > 128;

/** One after the other, as the tests keep the machine busy. */
async function checkAll(node, options) {
	console.log(`Beside the tests: ${CHECKS.map(([name]) => name).join(', ')}`);
	const done = [];
	for (const [name, tool] of CHECKS) {
		const check = { name, ...(await captured(node, TOOLS[tool], options)) };
		if (options.signal.aborted) break;
		console.log(`${name}: ${check.code === 0 ? 'ok' : 'FAILED, see below'} (${check.seconds} s)`);
		done.push(check);
	}
	return done;
}

/** A suite with a script of its own, `npm run test:NAME`: one of SUITES in jest.config.js, one file at a time. */
export const suite = (name) => (node, options, args) =>
	jest(node, options, name, ['--runInBand', ...args], () => 0);

/**
 * Prints `N passed, N failed` as the last line and appends it to the file named by SUREPING_TEST_COUNT_FILE. A failed
 * check counts as one failed test, and so do a jest that ends without having counted, and anything that
 * `npm test` leaves running or lying about.
 * @param checks waits for what goes on beside jest, given jest's exit code, and tells how much of it failed
 */
async function jest(node, options, project, own, checks) {
	const args = jestArguments(project, own);
	const countFile = join(tmpdir(), `sureping-jest-${randomUUID()}`);
	const { result: code, left } = await inOwnDirectory(
		(directory) => {
			const env = { ...options.env, ...directory, SUREPING_JEST_COUNT_FILE: countFile };
			return run(node, [...TOOLS.jest, ...args], { ...options, env });
		},
		{ inMemory: project === 'unit', isCutShort: wasInterrupted },
	);
	const failedChecks = await checks(code);
	const counted = await readFile(countFile, 'utf8').catch(() => '0 1');
	await rm(countFile, { force: true });
	if (wasInterrupted(code)) return code;
	// A browser and n8n leave files of their own, which are not counted.
	const isLeft = project === 'unit' && left.length > 0;
	if (isLeft) console.log(`\nThe tests left behind:\n  ${left.join('\n  ')}`);
	const [passed, failedTests] = counted.split(' ').map(Number);
	const failed = failedTests + failedChecks + (isLeft ? 1 : 0);
	const line = `${passed} passed, ${failed} failed`;
	if (process.env.SUREPING_TEST_COUNT_FILE)
		await appendFile(process.env.SUREPING_TEST_COUNT_FILE, `${line}\n`);
	console.log(line);
	return code || (failed > 0 ? 1 : 0);
}
