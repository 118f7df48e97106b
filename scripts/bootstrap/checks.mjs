import { randomUUID } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../runner/bin/run.mjs';
import { jestArguments } from './jest-arguments.mjs';

/** The tools by their script, so that no shell and no platform's `.bin` wrapper stands between. */
export const TOOLS = {
	typecheck: ['node_modules/typescript/bin/tsc', '--noEmit'],
	lint: ['node_modules/eslint/bin/eslint.js', '.'],
	format: ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.'],
	formatCheck: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
	jest: ['node_modules/jest/bin/jest.js'],
};

/** With arguments only jest runs, as who names a test wants its answer now. */
export async function test(node, options, args) {
	const checks = args.length === 0 ? ['typecheck', 'lint', 'formatCheck'] : [];
	let failedChecks = 0;
	for (const check of checks) {
		console.log(`> ${TOOLS[check].slice(0, 2).join(' ')}`);
		if ((await run(node, TOOLS[check], options)) !== 0) failedChecks += 1;
	}
	return await jest(node, options, jestArguments('unit', args), failedChecks);
}

/** A suite with a script of its own, `npm run test:NAME`: one of SUITES in jest.config.js, one file at a time. */
export const suite = (name) => (node, options, args) =>
	jest(node, options, jestArguments(name, ['--runInBand', ...args]), 0);

/**
 * Prints `N passed, N failed` as the last line and appends it to the file named by SUREPING_TEST_COUNT_FILE. A failed
 * check counts as one failed test, and so does a jest that ends without having counted.
 */
async function jest(node, options, args, failedChecks) {
	const countFile = join(tmpdir(), `sureping-jest-${randomUUID()}`);
	const env = { ...options.env, SUREPING_JEST_COUNT_FILE: countFile };
	const code = await run(node, [...TOOLS.jest, ...args], { ...options, env });
	const counted = await readFile(countFile, 'utf8').catch(() => '0 1');
	await rm(countFile, { force: true });
	const [passed, failed] = counted.split(' ').map(Number);
	const line = `${passed} passed, ${failed + failedChecks} failed`;
	if (process.env.SUREPING_TEST_COUNT_FILE)
		await appendFile(process.env.SUREPING_TEST_COUNT_FILE, `${line}\n`);
	console.log(line);
	return code || (failed + failedChecks > 0 ? 1 : 0);
}
