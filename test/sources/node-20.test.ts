import ts from 'typescript';

const ROOTS = ['nodes', 'credentials', 'engine'];

/** The library of Node 20: ES2023, and of ES2024 what V8 11.3 has. */
const LIB = ['lib.es2023.d.ts', 'lib.es2024.string.d.ts'];

/** Complaints about files below `ROOTS`, of a compiler that knows no newer library. */
function complaints(more: Readonly<Record<string, string>> = {}): readonly string[] {
	const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
	const parsed = ts.parseJsonConfigFileContent({ ...config, include: ROOTS }, ts.sys, '.');
	const options = { ...parsed.options, lib: LIB, target: ts.ScriptTarget.ES2023, types: ['node'] };
	const host = ts.createCompilerHost(options);
	const program = ts.createProgram([...parsed.fileNames, ...Object.keys(more)], options, {
		...host,
		getSourceFile: (path, version) => {
			const text = more[path];
			if (text === undefined) return host.getSourceFile(path, version);
			return ts.createSourceFile(path, text, version, true);
		},
		fileExists: (path) => path in more || host.fileExists(path),
	});
	return program
		.getSourceFiles()
		.filter(({ fileName }) => !fileName.includes('node_modules'))
		.flatMap((file) => program.getSemanticDiagnostics(file))
		.map(({ file, messageText }) => {
			return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
		});
}

it('nodes and engine use nothing that Node 20 lacks, on which n8n 1 runs', () => {
	const newer = 'engine/newer.ts';
	expect(
		complaints({ [newer]: 'export const newer = Map.groupBy([1], (n: number) => n);' }),
	).toEqual([expect.stringMatching(/engine\/newer\.ts: Property 'groupBy' does not exist/)]);
});
