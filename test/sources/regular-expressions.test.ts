import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSync } from 'recheck';
import ts from 'typescript';
import { nodesOf, placeOf, sourceFiles } from '../support/source-files.ts';

/**
 * Regular expressions that recheck found to take no more than linear time, as they are written. One that is not in the
 * list is checked here, which takes seconds; `SUREPING_RECHECK=write npm test -- regular-expressions` writes the list
 * anew, and `SUREPING_RECHECK=all` checks all of them and writes nothing.
 */
const LIST = join(__dirname, 'linear-expressions.json');

/** Of the project's own code, whatever runs it: anything that a remote server or a caller sends may come to any of them. */
const FOLDERS = ['engine', 'runner', 'nodes', 'credentials', 'scripts'];

/** Sources that build an expression at run time, from texts of the project itself. */
const BUILT = new Set(['engine/receive/parse/json.ts', 'runner/http/allowed-methods.ts']);

const mode = process.env.SUREPING_RECHECK;
// Its own JavaScript: no Java and no native program, so that it says the same everywhere.
process.env.RECHECK_BACKEND = 'pure';

const files = sourceFiles(FOLDERS);
const places = new Map<string, string>();
for (const file of files) {
	for (const node of nodesOf(file, ts.isRegularExpressionLiteral)) {
		places.set(node.text, placeOf(file, node));
	}
}

function verdictOn(literal: string): string {
	const end = literal.lastIndexOf('/');
	const found = checkSync(literal.slice(1, end), literal.slice(end + 1), { timeout: 20_000 });
	return found.status === 'safe'
		? 'linear'
		: `${found.status} (${found.complexity?.type ?? 'no verdict in time'})`;
}

it('finds the expressions', () => {
	expect(places.size).toBeGreaterThan(200);
});

it('are linear in the length of their input, every one', () => {
	const listed: readonly string[] = JSON.parse(readFileSync(LIST, 'utf8'));
	const known = new Set(mode === undefined ? listed : []);
	const unknown = [...places].filter(([literal]) => !known.has(literal));
	const slow = unknown.flatMap(([literal, place]) => {
		const verdict = verdictOn(literal);
		return verdict === 'linear' ? [] : [`${place} ${literal} is ${verdict}`];
	});
	if (mode === 'write' && slow.length === 0) {
		writeFileSync(LIST, `${JSON.stringify([...places.keys()].sort(), null, '\t')}\n`);
	}
	expect(slow).toEqual([]);
}, 600_000);

it('would find one that is not', () => {
	expect(verdictOn("/^((?:[A-Za-z']{1,20} ?){1,10})$/")).toMatch(/^vulnerable/);
	expect(verdictOn('/x+$/')).toMatch(/^vulnerable/);
	expect(verdictOn('/^x+$/')).toBe('linear');
});

it('are written out, but where they are built of the project’s own texts', () => {
	const isBuilt = (node: ts.Node): node is ts.NewExpression | ts.CallExpression =>
		(ts.isNewExpression(node) || ts.isCallExpression(node)) &&
		ts.isIdentifier(node.expression) &&
		node.expression.text === 'RegExp';
	const built = files.filter((file) => nodesOf(file, isBuilt).length > 0);
	expect(built.map(({ fileName }) => fileName).filter((name) => !BUILT.has(name))).toEqual([]);
});
