import { posix } from 'node:path';
import ts from 'typescript';
import { nodesOf, sourceFiles } from '../support/source-files.ts';

/** The folders of the engine, and those that each may import from, besides the files at its root. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	signing: [],
	channels: ['signing'],
	limits: ['channels'],
	receive: ['signing'],
	webhooks: ['signing'],
	dispatch: ['channels', 'limits', 'receive'],
	escalation: ['channels', 'dispatch'],
};

/** `engine/receive/index.ts` is in `receive`; files at the root are in none. */
const folderOf = (path: string): string | undefined =>
	path.startsWith('engine/') && path.split('/').length > 2 ? path.split('/')[1] : undefined;

interface Arrow {
	readonly from: string;
	readonly to: string;
}

function arrowsOf(file: ts.SourceFile): readonly Arrow[] {
	const named = nodesOf(
		file,
		(node): node is ts.ImportDeclaration | ts.ExportDeclaration =>
			(ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
			node.moduleSpecifier !== undefined,
	);
	return named.flatMap(({ moduleSpecifier }) => {
		const spec = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
		const to = posix.normalize(posix.join(posix.dirname(file.fileName), spec));
		return spec.startsWith('.') ? [{ from: file.fileName, to }] : [];
	});
}

function isWrong({ from, to }: Arrow): boolean {
	const [source, target] = [folderOf(from), folderOf(to)];
	if (source === undefined || target === undefined || source === target) {
		// The table of contents stands above all folders; every other file at the root is below them.
		return source === undefined && target !== undefined && from !== 'engine/index.ts';
	}
	return !(MAY_IMPORT[source] ?? []).includes(target);
}

const files = sourceFiles(['engine']);

it('knows every folder of the engine', () => {
	const folders = new Set(files.flatMap(({ fileName }) => folderOf(fileName) ?? []));
	expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

it('tells an arrow that runs the wrong way, of types as well', () => {
	const source = (path: string, text: string): ts.SourceFile =>
		ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
	const wrong = (path: string, text: string): readonly string[] =>
		arrowsOf(source(path, text))
			.filter(isWrong)
			.map(({ to }) => to);
	expect(
		wrong(
			'engine/webhooks/a.ts',
			"import type { A } from '../receive/index.ts'; export * from './b.ts';",
		),
	).toEqual(['engine/receive/index.ts']);
	expect(wrong('engine/event.ts', "export * from './webhooks/index.ts';")).toHaveLength(1);
	expect(wrong('engine/index.ts', "export * from './webhooks/index.ts';")).toEqual([]);
	expect(wrong('engine/receive/verify/a.ts', "import '../../signing/keys.ts';")).toEqual([]);
});

it('receiving, sending and webhooks share nothing but what lies below all of them', () => {
	const arrows = files.flatMap(arrowsOf);
	expect(arrows.length).toBeGreaterThan(200);
	expect(arrows.filter(isWrong)).toEqual([]);
});
