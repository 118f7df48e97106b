import { join } from 'node:path';
import ts from 'typescript';
import { type Block, BLOCKS } from '../support/pages.ts';

/** A block as a source file; an n8n item is one of the type that the trigger puts out. */
function sourceOf({ language, text }: Block): string | undefined {
	if (language === 'ts') return text;
	if (language !== 'json' || !text.includes('"eventId"')) return undefined;
	return `import type { ReceivedEvent } from '@sureping/engine';\nexport const item: ReceivedEvent = ${text};\n`;
}

const ROOT = process.cwd();
/** Beside the tests, so that imports are found as theirs are. */
const fileOf = (index: number): string => join(ROOT, `test/docs/block-${index}.ts`);

function optionsOfProject(): ts.CompilerOptions {
	const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path));
	return ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT).options;
}

/** The compiler's complaints about these sources, each with its place, all in one program. */
function mistakesIn(sources: ReadonlyMap<string, { place: string; text: string }>): string[] {
	const options = { ...optionsOfProject(), types: ['node'] };
	const host = ts.createCompilerHost(options);
	const { readFile, fileExists } = host;
	host.readFile = (path) => sources.get(path)?.text ?? readFile(path);
	host.fileExists = (path) => sources.has(path) || fileExists(path);
	const program = ts.createProgram([...sources.keys()], options, host);
	return [...sources].flatMap(([path, { place }]) => {
		const file = program.getSourceFile(path);
		const found = [
			...program.getSyntacticDiagnostics(file),
			...program.getSemanticDiagnostics(file),
		];
		return found.map(
			({ messageText }) => `${place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
		);
	});
}

it('every block of TypeScript, and every item of n8n, has the types that it shows', () => {
	const shown = BLOCKS.flatMap((block) => {
		const text = sourceOf(block);
		return text === undefined ? [] : [{ place: block.place, text }];
	});
	expect(shown.length).toBeGreaterThan(1);
	const wrong = { place: 'wrong', text: 'export const wrong: number = "text";' };
	const sources = new Map([...shown, wrong].map((one, index) => [fileOf(index), one]));
	expect(mistakesIn(sources)).toEqual(["wrong: Type 'string' is not assignable to type 'number'."]);
});
