import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');

const text = read('docs/design/guarantees.md');
/** `- `path`: “name of the test or of the chaos suite's check”`. */
const named = [...text.matchAll(/^- `(test\/[^`]+)`: “(.+)”$/gm)].map(
	([, path = '', name = '']) => [path, name] as const,
);

describe('docs/design/guarantees.md', () => {
	it.each(named)('names a test that exists in %s: %s', (path, name) => {
		const source = read(path);
		const titles = [
			...source.matchAll(/(?:it|name:|describe)(?:\.each\([^]*?\))?\(?\s*'((?:[^'\\]|\\.)+)'/g),
		];
		expect(titles.map(([, title]) => title)).toContain(name);
	});

	it('names a test for each guarantee', () => {
		const sections = text.split(/^## /m).slice(1);
		expect(sections.length).toBeGreaterThan(7);
		const without = sections.filter((section) => !/^- `test\//m.test(section));
		expect(without.map((section) => section.split('\n', 1)[0])).toEqual([]);
	});
});
