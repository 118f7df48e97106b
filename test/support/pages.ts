import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a page. */
export interface Block {
	/** `path:line` of its first line, for a message. */
	readonly place: string;
	readonly page: string;
	/** The word after the fence; empty without one. */
	readonly language: string;
	readonly text: string;
}

const OUTSIDE_DOCS = [
	...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'CODE_OF_CONDUCT.md'],
	...['runner/README.md', 'nodes/README.md', '.github/pull_request_template.md'],
];

/** Every page that a reader may open, by its path from the root. */
export const PAGES: readonly string[] = [
	...OUTSIDE_DOCS,
	...readdirSync('docs', { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.md'))
		.map((name) => join('docs', name))
		.sort(),
];

export const readPage = (page: string): string => readFileSync(page, 'utf8');

const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm;

/** The fenced blocks of a page, without the indentation of their fence. */
export function blocksOf(page: string): readonly Block[] {
	const source = readPage(page);
	return [...source.matchAll(FENCE)].map(
		({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
			place: `${page}:${source.slice(0, index).split('\n').length + 1}`,
			page,
			language,
			text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
		}),
	);
}

export const BLOCKS: readonly Block[] = PAGES.flatMap(blocksOf);

/** A page's text without its fenced blocks. */
export const proseOf = (page: string): string => readPage(page).replaceAll(FENCE, '');

/** The inline code of a page: its texts between backticks. */
export const inlineCodeOf = (page: string): readonly string[] =>
	[...proseOf(page).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): readonly string[] {
	const used = new Map<string, number>();
	return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
		const anchor = heading
			.toLowerCase()
			.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
			.replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
			.replaceAll(' ', '-');
		const times = used.get(anchor) ?? 0;
		used.set(anchor, times + 1);
		return times === 0 ? anchor : `${anchor}-${times}`;
	});
}

/** The cells of the first table whose header begins so. Links are their text; code marks stay. */
export function tableRows(page: string, header: string): readonly (readonly string[])[] {
	const source = readPage(page);
	const start = source.indexOf(header);
	if (start < 0) throw new Error(`${page} has no table "${header}"`);
	const [, , ...rows] = (source.slice(start).split('\n\n', 1)[0] ?? '').trim().split('\n');
	return rows.map((row) =>
		row
			.split(/(?<!\\)\|/)
			.slice(1, -1)
			.map((cell) => cell.trim().replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')),
	);
}

/** The texts between backticks in a cell. */
export const namesIn = (cell = ''): readonly string[] =>
	[...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
