import { dirname, join } from 'node:path';
import ts from 'typescript';
import { nodesOf } from './source-files.ts';

/** A file's path and the paths of the files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const ENGINE = '@sureping/engine';

/**
 * The imports between these files, type-only imports and re-exports included. Imports of packages and of files outside
 * the list are left out.
 */
export function importGraph(files: readonly ts.SourceFile[]): ImportGraph {
	const known = new Set(files.map(({ fileName }) => fileName));
	return new Map(
		files.map((file) => {
			const imported = specifiersOf(file)
				.map((specifier) => resolve(file.fileName, specifier, known))
				.filter((path) => path !== undefined);
			return [file.fileName, [...new Set(imported)]];
		}),
	);
}

/** Every module name that a file imports or re-exports from, in any of the language's forms. */
export function specifiersOf(file: ts.SourceFile): readonly string[] {
	return nodesOf(file, isModuleReference).flatMap((node) => {
		const specifier = specifierOf(node);
		return specifier && ts.isStringLiteralLike(specifier) ? [specifier.text] : [];
	});
}

type ModuleReference =
	ts.ImportDeclaration | ts.ExportDeclaration | ts.ImportTypeNode | ts.CallExpression;

const isModuleReference = (node: ts.Node): node is ModuleReference =>
	ts.isImportDeclaration(node) ||
	ts.isExportDeclaration(node) ||
	ts.isImportTypeNode(node) ||
	(ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword);

function specifierOf(node: ModuleReference): ts.Node | undefined {
	if (ts.isCallExpression(node)) return node.arguments[0];
	if (!ts.isImportTypeNode(node)) return node.moduleSpecifier;
	return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
	const path =
		specifier === ENGINE
			? 'engine'
			: specifier.startsWith('.')
				? join(dirname(from), specifier)
				: undefined;
	if (path === undefined) return undefined;
	return [path, `${path}.ts`, join(path, 'index.ts')].find((candidate) => known.has(candidate));
}

/** One shortest cycle of each group of files that import each other, its first file repeated at the end. */
export function importCycles(graph: ImportGraph): readonly (readonly string[])[] {
	return stronglyConnected(graph).flatMap((group) => {
		const [first = ''] = group.toSorted();
		const cycle = shortestCycle(graph, first);
		return cycle ? [cycle] : [];
	});
}

/** Tarjan's algorithm (SIAM J. Comput. 1, 1972). A file that imports none that imports it back is a group of its own. */
function stronglyConnected(graph: ImportGraph): readonly (readonly string[])[] {
	const groups: string[][] = [];
	const indexes = new Map<string, number>();
	const stack: string[] = [];
	const onStack = new Set<string>();

	const visit = (file: string): number => {
		const index = indexes.size;
		indexes.set(file, index);
		stack.push(file);
		onStack.add(file);
		let low = index;
		for (const next of graph.get(file) ?? []) {
			const seen = indexes.get(next);
			if (seen === undefined) low = Math.min(low, visit(next));
			else if (onStack.has(next)) low = Math.min(low, seen);
		}
		if (low === index) {
			const group = stack.splice(stack.indexOf(file));
			for (const member of group) onStack.delete(member);
			groups.push(group);
		}
		return low;
	};
	for (const file of graph.keys()) if (!indexes.has(file)) visit(file);
	return groups;
}

/** Breadth first from a file back to it; undefined when nothing that it imports leads back. */
function shortestCycle(graph: ImportGraph, start: string): readonly string[] | undefined {
	const paths = [[start]];
	const seen = new Set<string>();
	for (const path of paths) {
		for (const next of graph.get(path.at(-1) ?? '') ?? []) {
			if (next === start) return [...path, start];
			if (seen.has(next)) continue;
			seen.add(next);
			paths.push([...path, next]);
		}
	}
	return undefined;
}
