/** The file of the site that a page of docs/ becomes, both relative to their folders. */
export const fileOf = (page: string): string =>
	page === 'README.md' ? 'index.html' : page.replace(/\.md$/, '.html');
