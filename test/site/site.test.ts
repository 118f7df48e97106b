import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { contentsOf } from '../../site/contents.ts';
import { fileOf } from '../../site/pages.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const site = temporaryDirectory('site');
const BASE = '/sureping/';
const BUILD_MS = 240_000;

const read = (file: string): string => readFileSync(join(site, file), 'utf8');
const filesOf = (pattern: string): readonly string[] => globSync(pattern, { cwd: site }).sort();
const sources = globSync('**/*.md', { cwd: 'docs' }).sort();

beforeAll(async () => {
	await promisify(execFile)(process.execPath, ['site/build.ts', site], { timeout: BUILD_MS });
}, BUILD_MS);

/** The values of an attribute in a page. */
const attributes = (html: string, form: RegExp): readonly string[] =>
	[...html.matchAll(form)].map(([, value = '']) => value);

it('has a page for each file of docs/, and no other', () => {
	expect(filesOf('**/*.html')).toEqual([...sources.map(fileOf), '404.html'].sort());
});

it('shows the text of each page, expressions of n8n included', () => {
	expect(read('index.html')).toContain('Your messages arrive, or you are told');
	expect(read('n8n/examples.html')).toContain('{{ $json.execution.url }}');
	for (const page of sources.filter((name) => name !== 'README.md')) {
		const [title = ''] = readFileSync(join('docs', page), 'utf8').split('\n', 1);
		expect(read(fileOf(page))).toContain(`${title.replace('# ', '')} | Sureping</title>`);
	}
});

it('leads with every link of its own to a page and a heading that are there', () => {
	const linksOf = (page: string): readonly URL[] =>
		attributes(read(page), / href="([^"]*)"/g)
			.map((href) => new URL(href, `https://site.test${BASE}${page}`))
			.filter(({ host }) => host === 'site.test');
	const leadsSomewhere = ({ pathname, hash }: URL): boolean => {
		const file = pathname.slice(BASE.length).replace(/^$|\/$/, '$&index.html');
		if (!existsSync(join(site, file))) return false;
		return hash === '' || read(file).includes(` id="${decodeURIComponent(hash.slice(1))}"`);
	};
	expect(linksOf('n8n/send.html').length).toBeGreaterThan(40);
	const dead = filesOf('**/*.html').flatMap((page) =>
		linksOf(page)
			.filter((url) => !leadsSomewhere(url))
			.map(({ pathname, hash }) => `${page}: ${pathname}${hash}`),
	);
	expect(dead).toEqual([]);
});

it('leads to the repository where a page of docs/ leaves docs/', () => {
	const home = attributes(read('index.html'), / href="(https:[^"]*)"/g);
	expect(home).toContain('https://github.com/sureping/sureping/blob/main/CONTRIBUTING.md');
	const examples = attributes(read('n8n/examples.html'), / href="(https:[^"]*)"/g);
	expect(examples).toContain(
		'https://github.com/sureping/sureping/blob/main/examples/escalate-on-failure.json',
	);
});

it('has the pages of the table of contents in their order beside each page', () => {
	const links = attributes(read('concepts.html'), /<a class="VPLink link link" href="([^"]*)"/g);
	const wanted = contentsOf(readFileSync('docs/README.md', 'utf8')).flatMap(({ pages }) =>
		pages.map(({ path }) => `${BASE}${fileOf(path)}`),
	);
	expect(wanted.length).toBeGreaterThan(20);
	expect(links.filter((link) => wanted.includes(link))).toEqual(wanted);
});

it('is searched without a server: its index has every page and their words', () => {
	const [index = '', ...others] = filesOf('assets/chunks/@localSearchIndex*.js');
	expect(others).toEqual([]);
	const text = read(index);
	for (const word of ['idempotency', 'backpressure', 'pingram']) expect(text).toContain(word);
	const missing = sources.filter(
		(page) => !text.includes(`${BASE}${page === 'README.md' ? '' : fileOf(page)}#`),
	);
	// It points to the pages that it was split into, and has one heading.
	expect(missing).toEqual([]);
});

describe('a reader’s browser', () => {
	/** Forms in which a file makes a browser ask another host. */
	const ASKING: Readonly<Record<string, RegExp>> = {
		html: /<(?!a\b)[a-z][^>]*? (?:src|srcset|poster|href|action|data)="((?:https?:)?\/\/[^"]*)"/g,
		css: /(?:url\(\s*|@import\s+)["']?((?:https?:)?\/\/[^"')]*)/g,
		js: /(?:\bimport\(|\bfrom|\bfetch\(|\bnew Worker\(|\.src=|\.open\("[A-Z]+",)\s*["'`]((?:https?:)?\/\/[^"'`]*)/g,
	};
	const asked = (kind: string, text: string): readonly string[] =>
		attributes(text, ASKING[kind] ?? /(?!)/g);

	it.each(Object.keys(ASKING))('asks no other host for the sake of a .%s file', (kind) => {
		const files = filesOf(`**/*.${kind}`);
		expect(files.length).toBeGreaterThan(0);
		expect(files.flatMap((file) => asked(kind, read(file)))).toEqual([]);
	});

	it('would be noticed if it did', () => {
		expect(asked('html', '<script src="https://cdn.example/x.js">')).toHaveLength(1);
		expect(asked('html', '<link rel="preload" href="//fonts.example/x.woff2">')).toHaveLength(1);
		expect(asked('html', '<a href="https://example.com">')).toEqual([]);
		expect(asked('css', '@font-face{src:url(https://fonts.example/x)}')).toHaveLength(1);
		expect(asked('js', 'fetch("https://api.example/x")')).toHaveLength(1);
	});
});
