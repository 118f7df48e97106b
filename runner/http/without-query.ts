/** A URL as it is shown to who did not write it: a query, a fragment and a user's part may hold somebody's token. */
export function withoutQuery(url: string): string {
	return url.replace(/[?#].*$/s, '').replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}
