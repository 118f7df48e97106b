import ts from 'typescript';
import { importCycles, importGraph, specifiersOf } from '../support/import-graph.ts';
import { sourceFiles } from '../support/source-files.ts';

const FOLDERS = ['engine', 'nodes', 'credentials', 'runner', 'scripts', 'test/support'];

const planted = (files: Readonly<Record<string, string>>): readonly ts.SourceFile[] =>
	Object.entries(files).map(([path, text]) =>
		ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
	);

const graph = importGraph(sourceFiles(FOLDERS));

it('no file imports itself by way of others, not even a type', () => {
	expect(importCycles(graph).map((cycle) => cycle.join(' → '))).toEqual([]);
});

describe('the check', () => {
	it('reads every import of the sources', () => {
		expect(graph.size).toBeGreaterThan(500);
		expect(graph.get('engine/index.ts')).toContain('engine/channels/index.ts');
		expect([...graph.values()].flat()).toContain('engine/index.ts');
	});

	it('knows every form of an import', () => {
		const [file] = planted({
			'a.ts': `
				import './effect.ts';
				import { value } from './value.ts';
				import type { OnlyAType } from './type.ts';
				export * from './all.ts';
				export type { Passed } from './passed.ts';
				type Inline = import('./inline.ts').Inline;
				const later = await import('./later.ts');
				const text = "import './none.ts'";
				export { value };
			`,
		});
		expect(file && specifiersOf(file)).toEqual(
			['effect', 'value', 'type', 'all', 'passed', 'inline', 'later'].map((one) => `./${one}.ts`),
		);
	});

	it('finds a planted cycle, by whatever way it closes, and prints its shortest path', () => {
		const cycles = importCycles(
			importGraph(
				planted({
					'engine/index.ts': "export * from './one.ts'; export * from './two.ts';",
					'engine/one.ts': "import type { Two } from './two.ts';",
					'engine/two.ts': "import { three } from './deep/three.ts';",
					'engine/deep/three.ts': "export type { One } from '../one.ts';",
					'runner/a.ts': "import { b } from './b.ts'; import { one } from '@sureping/engine';",
					'runner/b.ts': "import './folder';",
					'runner/folder/index.ts': "const a = await import('../a.ts');",
					'runner/own.ts': "import './own.ts';",
					'runner/free.ts': "import './a.ts'; import 'node:fs'; import './gone.ts';",
				}),
			),
		);
		expect(cycles.map((cycle) => cycle.join(' → ')).sort()).toEqual([
			'engine/deep/three.ts → engine/one.ts → engine/two.ts → engine/deep/three.ts',
			'runner/a.ts → runner/b.ts → runner/folder/index.ts → runner/a.ts',
			'runner/own.ts → runner/own.ts',
		]);
	});

	it('finds a cycle through the name of the engine', () => {
		const files = planted({
			'engine/index.ts': "export * from './one.ts';",
			'engine/one.ts': "import type { One } from '@sureping/engine';",
		});
		expect(importCycles(importGraph(files))).toEqual([
			['engine/index.ts', 'engine/one.ts', 'engine/index.ts'],
		]);
	});
});
