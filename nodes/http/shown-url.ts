/** A base URL for messages, without user, password and query, which may be secrets. */
export function shownUrl(url: string): string {
	return url.replace(/[?#].*$/s, '').replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)?[^/]*@/i, '$1');
}
