/** A section of the table of contents, with its pages in order. */
export interface Section {
	readonly title: string;
	readonly pages: readonly { readonly title: string; readonly path: string }[];
}

/**
 * The sections of docs/README.md: its second-level headings, and the pages that their lists begin with.
 * @param page the Markdown of docs/README.md
 * @returns the paths relative to docs/, such as `n8n/send.md`; a section without pages is left out
 */
export function contentsOf(page: string): readonly Section[] {
	const seen = new Set<string>();
	return page
		.split(/^## /m)
		.slice(1)
		.map((section) => {
			const [title = '', ...lines] = section.split('\n');
			const pages = lines.flatMap((line) => {
				const [, name, path] = /^- \[([^\]]+)\]\(((?!\.\.)[\w./-]+\.md)\)/.exec(line) ?? [];
				// A page has one place in the sidebar: its first.
				if (!name || !path || seen.has(path)) return [];
				seen.add(path);
				return [{ title: name, path }];
			});
			return { title, pages };
		})
		.filter(({ pages }) => pages.length > 0);
}
