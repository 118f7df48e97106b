/** The same path on another server: for a proxy, or for a test's stand-in. */
export function rebase(url: string, base: string | undefined): string {
	if (base === undefined) return url;
	const { pathname, search } = new URL(url);
	return base.replace(/\/+$/, '') + pathname + search;
}
