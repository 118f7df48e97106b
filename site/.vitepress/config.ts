// The site is docs/ as it stands: nothing in the Markdown is for this tool, so that GitHub shows the same pages.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DefaultTheme, defineConfig, type MarkdownOptions } from 'vitepress';
import { contentsOf } from '../contents.ts';
import { HOME } from '../home.ts';
import { anchorOf, REPOSITORY, siteLink } from '../links.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const CONTENTS = contentsOf(readFileSync(fromRoot('docs/README.md'), 'utf8'));
/** The path of the site at its host: GitHub Pages serves a repository's site below its name. */
const BASE = '/sureping/';

const linkTo = (path: string): string => `/${path.replace(/\.md$/, '')}`;

const sidebar: DefaultTheme.SidebarItem[] = [
	{ text: 'Quick start', link: '/quick-start' },
	{ text: 'Concepts', link: '/concepts' },
	...CONTENTS.map(({ title, pages }) => ({
		text: title,
		items: pages.map((page) => ({ text: page.title, link: linkTo(page.path) })),
	})),
];

/** The first page of each section. The folder of the section is what marks it as the current one. */
const nav: DefaultTheme.NavItem[] = [
	{ text: 'Quick start', link: '/quick-start' },
	...CONTENTS.flatMap(({ title, pages: [first] }) =>
		first?.path.includes('/')
			? [
					{
						text: title,
						link: linkTo(first.path),
						activeMatch: `^/${posix.dirname(first.path)}/`,
					},
				]
			: [],
	),
];

/** Expressions of n8n are text here, and links are changed before the tool looks for dead ones. */
const asOnGitHub: NonNullable<MarkdownOptions['config']> = (md) => {
	for (const name of ['text', 'code_inline']) {
		const render = md.renderer.rules[name];
		md.renderer.rules[name] = (...args) =>
			(render?.(...args) ?? '').replaceAll('{{', '&#123;&#123;');
	}
	md.core.ruler.push('site-links', (state) => {
		const page = posix.relative(fromRoot('docs'), state.env.path);
		for (const { children } of state.tokens)
			for (const token of children ?? []) {
				const href = token.attrGet('href');
				if (token.type === 'link_open' && href) token.attrSet('href', siteLink(href, page));
			}
	});
};

export default defineConfig({
	title: 'Sureping',
	description:
		'The notification layer for self-hosted n8n: retries, falls back, and says when a message reached nobody.',
	lang: 'en',
	base: BASE,
	head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${BASE}sureping.svg` }]],
	srcDir: '../docs',
	outDir: '../dist/site',
	cacheDir: '../node_modules/.cache/vitepress',
	rewrites: { 'README.md': 'index.md' },
	lastUpdated: false,
	markdown: { anchor: { slugify: anchorOf }, config: asOnGitHub },
	vite: { publicDir: fromRoot('icons') },
	transformPageData: ({ relativePath, frontmatter }) =>
		relativePath === 'index.md' ? { frontmatter: { ...frontmatter, ...HOME } } : undefined,
	themeConfig: {
		logo: { light: '/sureping.svg', dark: '/sureping.dark.svg' },
		nav,
		sidebar,
		outline: [2, 3],
		search: { provider: 'local' },
		socialLinks: [{ icon: 'github', link: REPOSITORY }],
		editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: 'Edit this page' },
		footer: { message: 'MIT licence' },
	},
});
