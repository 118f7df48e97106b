import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** The project's own sources in these folders, as the compiler reads them; paths from the root. */
export function sourceFiles(folders: readonly string[]): readonly ts.SourceFile[] {
	return folders.flatMap((folder) =>
		readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && /\.(?:ts|mts|mjs|cjs|js)$/.test(entry.name))
			.map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
			.filter((path) => !/(?:^|\/)(?:node_modules|dist)\//.test(path))
			.sort()
			.map((path) =>
				ts.createSourceFile(
					path,
					readFileSync(join(ROOT, path), 'utf8'),
					ts.ScriptTarget.Latest,
					true,
				),
			),
	);
}

/** Every node of a file that the test picks. */
export function nodesOf<Node extends ts.Node>(
	file: ts.SourceFile,
	pick: (node: ts.Node) => node is Node,
): readonly Node[] {
	const found: Node[] = [];
	const walk = (node: ts.Node): void => {
		if (pick(node)) found.push(node);
		ts.forEachChild(node, walk);
	};
	walk(file);
	return found;
}

/** `path:line`, for a message. */
export function placeOf(file: ts.SourceFile, node: ts.Node): string {
	const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
	return `${file.fileName}:${line + 1}`;
}
