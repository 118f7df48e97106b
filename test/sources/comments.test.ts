import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['engine', 'nodes', 'credentials', 'runner', 'scripts', 'test', 'bench'];

/** Beginnings of a riddle: CONTRIBUTING.md asks for a noun, a verb or the reason. */
const RIDDLE = /^\s*(?:\/\*\*?|\/\/|\*)\s+(?:What|Whether|Who|How much|So many|Nobody)\b/;
/** A line that the one after it may continue. */
const CONTINUES = /^\s*(?:\/\/|\*\s)/;

/** The first lines of comments that begin so, each with its number. */
const riddlesIn = (text: string): readonly number[] =>
	text.split('\n').flatMap((line, i, lines) => {
		const before = lines[i - 1] ?? '';
		return RIDDLE.test(line) && !CONTINUES.test(before) ? [i + 1] : [];
	});

it('comments name the thing first', () => {
	const files = FOLDERS.flatMap((folder) =>
		readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
	).filter(
		(path) => /\.(?:ts|mts|mjs|cjs|js)$/.test(path) && !/\/(?:node_modules|dist)\//.test(path),
	);
	expect(files.length).toBeGreaterThan(500);
	const places = files.flatMap((path) =>
		riddlesIn(readFileSync(path, 'utf8')).map((line) => `${path}:${line}`),
	);
	expect(places).toEqual([]);
});

it('a riddle is found where a comment begins, and not where it goes on', () => {
	const text = [
		'/** What it is. */',
		'/**',
		' * Whether it is.',
		' */',
		'// A line that says',
		'// What follows from it.',
		'// Nobody knows.',
		'const What = 1; // Who knows',
	];
	expect(riddlesIn(text.join('\n'))).toEqual([1, 3]);
	expect(riddlesIn('\n// Nobody knows.')).toEqual([2]);
});
