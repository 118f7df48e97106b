import { posix } from 'node:path';

/** Where the repository's files are read that are no pages of the site. */
export const REPOSITORY = 'https://github.com/sureping/sureping';

/**
 * A link of a page of docs/ as the site needs it. Links that leave docs/ lead to the repository, and the table of
 * contents is the site's first page. All others stay.
 * @param href as the Markdown has it
 * @param page path of the page, relative to docs/
 */
export function siteLink(href: string, page: string): string {
	if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href;
	const [path = '', anchor] = href.split('#', 2);
	const after = anchor === undefined ? '' : `#${anchor}`;
	const target = posix.join('docs', posix.dirname(page), path);
	if (!target.startsWith('docs/')) return `${REPOSITORY}/blob/main/${target}${after}`;
	return target === 'docs/README.md' ? `${path.replace(/README\.md$/, 'index.md')}${after}` : href;
}

/** The anchor of a heading as GitHub makes it, so that links work in both places. */
export const anchorOf = (heading: string): string =>
	heading
		.trim()
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
		.replaceAll(' ', '-');
