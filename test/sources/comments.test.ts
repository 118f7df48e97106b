import ts from 'typescript';
import { sourceFiles } from '../support/source-files.ts';

/** Openings after which a reader has to look at the code to learn what the comment is about: see CONTRIBUTING. */
const RIDDLE =
	/^(?:What|Whether|Who|Whose|Whom|Whoever|Nobody|How (?:much|many|often|long)|So (?:much|many|often|long))\b/;

const LINE_COMMENT = /^\/\/\s*/;
const BLOCK_COMMENT = /^\/\*+\s*/;

/** The first line of each comment that has its lines to itself, as `path:line text`. */
function openingsOf({ fileName, text }: ts.SourceFile): readonly string[] {
	const lines = text.split('\n').map((line) => line.trim());
	return lines.flatMap((line, i) => {
		if (LINE_COMMENT.test(line)) {
			const isContinued = LINE_COMMENT.test(lines[i - 1] ?? '');
			return isContinued ? [] : [`${fileName}:${i + 1} ${line.replace(LINE_COMMENT, '')}`];
		}
		if (!BLOCK_COMMENT.test(line)) return [];
		const opening = line.replace(BLOCK_COMMENT, '');
		return opening === ''
			? [`${fileName}:${i + 2} ${(lines[i + 1] ?? '').replace(/^\*\s*/, '')}`]
			: [`${fileName}:${i + 1} ${opening}`];
	});
}

const isRiddle = (opening: string): boolean => RIDDLE.test(opening.slice(opening.indexOf(' ') + 1));

const riddlesIn = (files: readonly ts.SourceFile[]): readonly string[] =>
	files.flatMap(openingsOf).filter(isRiddle);

it.each([
	'/** What a row holds. */',
	'/**\n * Whether the endpoint is held, as a long comment says\n * over two lines.\n */',
	'\t\t// Who sends.',
	'/** How many attempts may start. */',
	'/** Nobody waits for it. */',
])('finds the riddle in %j', (text) => {
	const file = ts.createSourceFile('planted.ts', `${text}\nconst a = 1;`, ts.ScriptTarget.Latest);
	expect(riddlesIn([file])).toHaveLength(1);
});

it.each([
	'/** The fields of a row: What follows is their order. */',
	'// The caller of the route.\n// Who that is does not matter.',
	'/** Whole milliseconds. */',
	'/** However late. */',
	"const text = 'What a row holds';",
])('passes %j', (text) => {
	const file = ts.createSourceFile('plain.ts', text, ts.ScriptTarget.Latest);
	expect(riddlesIn([file])).toEqual([]);
});

it('a comment starts with the thing, a verb or the reason', () => {
	const files = sourceFiles([
		'engine',
		'nodes',
		'credentials',
		'runner',
		'scripts',
		'test',
		'bench',
	]);
	expect(files.flatMap(openingsOf).length).toBeGreaterThan(2_000);
	expect(riddlesIn(files)).toEqual([]);
});
