/** A base URL as messages show it: a user, a password and a query that were typed into it are secrets. */
export function shownUrl(url: string): string {
	return url.replace(/[?#].*$/s, '').replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)?[^/]*@/i, '$1');
}
