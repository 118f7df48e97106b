import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');

const text = read('docs/design/guarantees.md');
/** `- `path`: “name of the test, after that of its `describe`, or of the chaos suite's check”`. */
const named = [...text.matchAll(/^- `(test\/[^`]+)`: “(.+)”$/gm)].map(
	([, path = '', name = '']) => [path, name] as const,
);

/** The tests and checks of a file as `describe › name`, with the innermost `describe`; without one, the name alone. */
function namesIn(source: string): string[] {
	const titles =
		/^(\t*)(?:(it|describe)(?:\.each\([^]*?\))?\(|name:)\s*(?:'((?:[^'\\]|\\.)+)'|`)/gm;
	const around: { readonly depth: number; readonly title: string | undefined }[] = [];
	const names: string[] = [];
	for (const [, { length: depth } = '', kind, title] of source.matchAll(titles)) {
		while ((around.at(-1)?.depth ?? -1) >= depth) around.pop();
		if (kind === 'describe') {
			around.push({ depth, title });
		} else if (title !== undefined) {
			const subject = around.at(-1)?.title;
			names.push(subject === undefined ? title : `${subject} › ${title}`);
		}
	}
	return names;
}

describe('docs/design/guarantees.md', () => {
	it.each(named)('names a test that exists in %s: %s', (path, name) => {
		expect(namesIn(read(path))).toContain(name);
	});

	it('names a test for each guarantee', () => {
		const sections = text.split(/^## /m).slice(1);
		expect(sections.length).toBeGreaterThan(7);
		const without = sections.filter((section) => !/^- `test\//m.test(section));
		expect(without.map((section) => section.split('\n', 1)[0])).toEqual([]);
	});
});
