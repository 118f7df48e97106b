import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { jestArguments } from '../../scripts/bootstrap/jest-arguments.mjs';

const root = process.cwd();

/** The files that jest would run for `npm test -- ARGS`. */
const filesFor = (project: string, ...args: string[]): string[] =>
	execFileSync(
		process.execPath,
		['node_modules/jest/bin/jest.js', '--listTests', ...jestArguments(project, args)],
		{
			encoding: 'utf8',
		},
	)
		.split('\n')
		.filter((line) => line.endsWith('.test.ts'))
		.map((path) => relative(root, path))
		.sort();

describe('npm test -- PATH', () => {
	const file = 'test/engine/time.test.ts';

	it.each([
		['a path', [file]],
		['a path before an option', [file, '-t', 'a name']],
		['a path after an option', ['-t', 'a name', file]],
		['a part of a path', ['engine/time']],
	])('runs only what is named: %s', (_what, args) => {
		expect(filesFor('unit', ...args)).toEqual([file]);
	});

	it('runs all of several paths', () => {
		const other = 'test/engine/send-request.test.ts';
		expect(filesFor('unit', file, other)).toEqual([other, file]);
	});

	it('does the same for a suite with a script of its own', () => {
		expect(filesFor('n8n', '--runInBand', 'journey')).toEqual(['test/n8n/journey.test.ts']);
	});
});
